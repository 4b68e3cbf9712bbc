// The tables of keys, from which the reference is printed, say what the readers do.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "config/keys.h"
#include "config/support.h"
#include "support/source_dir.h"

using namespace gateway;

namespace {

std::vector<Key> keys_of(const Section& section) {
  std::vector<Key> keys(section.keys.begin(), section.keys.end());
  keys.insert(keys.end(), section.more.begin(), section.more.end());
  return keys;
}

// The file that has `members` in the section at `path`: "providers.NAME" is {providers: {x: {members}}}.
std::string file_with(std::string_view path, const std::string& members) {
  std::string before = "{", after = "}";
  while (!path.empty()) {
    std::string_view part = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    const bool list = part.ends_with("[]");
    if (list) part.remove_suffix(2);
    before += fmt::format("{}: {}{{", part == "NAME" ? "x" : part, list ? "[" : "");
    after = (list ? "}]" : "}") + after;
  }
  return before + members + after;
}

// What else has to be there for a key to have an effect.
std::string beside(const Section& section, const Key& key) {
  if (section.path == "providers.NAME.token_command" && key.name != "run") return "run: [x], ";
  return section.path == "projects.NAME.spend" && key.name != "cap" ? "cap: 1, " : "";
}

ConfigReading reading_of(const Section& section, const Key& key, std::string_view value) {
  const std::string member = value.empty() ? "" : fmt::format("{}: {}", key.name, value);
  return read_config_text(file_with(section.path, beside(section, key) + member), "f", environment_of({}));
}

std::string shown(const Timeouts& t) {
  return fmt::format("{}/{}/{}/{}", t.connect.count(), t.first_byte.count(), t.idle.count(), t.total.count());
}

// All settings that have a default.
std::string shown(const Config& c) {
  const ServerConfig& s = c.server;
  std::string out =
      fmt::format("{} {} {} {} {} {} {} {} {} {}", fmt::join(c.listen, ","), c.workers, c.database,
                  static_cast<int>(c.durability), c.admin_token.reveal(), fmt::join(c.admin_listen, ","),
                  fmt::join(c.metrics.listen, ","), c.metrics.token.reveal(), c.log_bodies, shown(c.timeouts));
  out += fmt::format(" {}", c.route_header);
  out += fmt::format(" {} {} {} {} {} {} {} {}", c.retry.max_attempts, c.retry.on_connect, c.retry.on_timeout,
                     c.retry.on_429, c.retry.on_5xx, c.retry.on_lost, c.retry.budget, c.retry.max_wait.count());
  const OutlierConfig& o = c.outliers;
  out += fmt::format(" {} {} {} {} {} {}", o.errors_over, o.slower_than, o.least_attempts, o.rest.count(),
                     o.longest_rest.count(), o.at_most);
  out += fmt::format(" {} {} {} {} {} {} {} {} {} {} {}", s.max_connections, s.max_connections_per_address,
                     s.max_in_flight, s.max_head, s.max_body, s.max_upload, s.max_buffered, s.max_event, s.max_answer,
                     s.max_connection_memory, s.min_body_rate);
  out += fmt::format(" {} {} {} {} {} {}", s.head_timeout.count(), s.body_timeout.count(), s.keep_alive.count(),
                     s.drain_delay.count(), s.drain.count(), fmt::join(s.cors_origins, ","));
  out += fmt::format(" {} {} {} {} {}", c.reconcile.nightly, c.reconcile.book, c.dashboard, c.insforge, c.mcp.enabled);
  out += fmt::format(" {} {}", c.mcp.write_keys, fmt::join(c.mcp.origins, ","));
  for (const AdminToken& t : c.admin_tokens) out += fmt::format(" {}", static_cast<int>(t.role));
  for (const ProviderConfig& p : c.providers) {
    out += fmt::format(" {} {}", p.ask_usage, p.catalogue_every.count());
    out += fmt::format(" {} {}", p.token_command.every.count(), p.token_command.timeout.count());
    for (const ProviderKey& key : p.api_keys) out += fmt::format(" {}", key.weight);
  }
  for (const RouteConfig& r : c.routes) {
    out += fmt::format(" {}", static_cast<int>(r.strategy));
    if (r.hedge) {
      const auto after = r.hedge->after ? r.hedge->after->count() : r.hedge->percentile;
      out += fmt::format(" {} {}", after, r.hedge->most);
    }
    for (const TargetConfig& t : r.targets) out += fmt::format(" {}", t.weight);
  }
  for (const ProjectConfig& p : c.projects) {
    out += fmt::format(" {} {} {}", static_cast<int>(p.spend.mode), p.spend.timezone, p.spend.allow_unpriced);
    for (const SpendCap& cap : p.spend.caps) out += fmt::format(" {}", static_cast<int>(cap.period));
  }
  return out;
}

// A value of the same kind that is another one; empty: there is none.
std::string another(const Key& key) {
  std::string value(key.fallback);
  const std::size_t digit = value.find_last_of("0123456789");
  if (key.name == "listen") return "127.0.0.1:8081";
  if (key.name == "database") return "sqlite:other.db";
  if (key.name == "timezone") return "Europe/Berlin";
  if (key.name == "cors_origins") return "'*'";
  if (key.name == "on") return "[connect]";
  if (key.name == "origins") return "[https://app.example]";
  if (value == "\"\"") return "0123456789abcdef";
  if (digit != value.npos) return value[digit] = value[digit] == '9' ? '8' : static_cast<char>(value[digit] + 1), value;
  if (value == "false") return "true";
  const std::string_view allowed = key.allowed;
  const std::string_view first = allowed.substr(0, allowed.find_first_of(", "));
  return std::string(first != value                      ? first
                     : allowed.find(' ') == allowed.npos ? ""
                                                         : allowed.substr(allowed.rfind(' ') + 1));
}

}  // namespace

TEST_CASE("every key of the tables is read, and expects what its table says", "[config][reference]") {
  for (const Section* section : kSections) {
    for (const Key& key : keys_of(*section)) {
      std::vector<std::string> messages;
      for (const std::string_view nonsense : {"[[]]", "{nonsense: [[]]}", "~~", "{}"}) {
        for (const ConfigMistake& mistake : reading_of(*section, key, nonsense).mistakes)
          messages.push_back(mistake.message);
      }
      const std::string expected = fmt::format("expected {}", key.allowed);
      INFO(section->path << " " << key.name << ": " << expected << "\n"
                         << fmt::format("{}", fmt::join(messages, "\n")));
      CHECK(std::any_of(messages.begin(), messages.end(), [&](const std::string& message) {
        return message.find(key.name) != message.npos && message.find(expected) != message.npos;
      }));
    }
  }
}

TEST_CASE("a default in the tables is what holds without its key", "[config][reference]") {
  int defaults = 0;
  for (const Section* section : kSections) {
    for (const Key& key : keys_of(*section)) {
      if (key.fallback.empty()) continue;
      ++defaults;
      INFO(section->path << " " << key.name << ": " << key.fallback << ", other than " << another(key));
      const std::string without = shown(reading_of(*section, key, {}).config);
      CHECK(shown(reading_of(*section, key, key.fallback).config) == without);
      if (const std::string other = another(key); !other.empty()) {
        CHECK(shown(reading_of(*section, key, other).config) != without);
      }
    }
  }
  CHECK(defaults > 30);
}

TEST_CASE("every key has a meaning, and is in its table once", "[config][reference]") {
  for (const Section* section : kSections) {
    std::vector<std::string_view> names;
    for (const Key& key : keys_of(*section)) {
      INFO(section->path << " " << key.name);
      CHECK_FALSE(key.help.empty());
      CHECK_FALSE(key.allowed.empty());
      CHECK(std::count(names.begin(), names.end(), key.name) == 0);
      names.push_back(key.name);
    }
  }
}

// To bring it up to date: gateway config reference, from its heading on.
TEST_CASE("docs/configuration.md ends with the reference of all keys", "[config][reference]") {
  std::ifstream file(source_dir() + "/docs/configuration.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  const std::string reference = config_reference();
  const std::size_t at = document.find("## Every key\n");
  REQUIRE(at != document.npos);
  CHECK(document.substr(at) == reference);
}
