#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/config_check.h"
#include "base/extra_fields.h"
#include "base/names.h"
#include "base/store_url.h"
#include "config/doubts.h"
#include "config/sections.h"

namespace gateway {
namespace {

constexpr Key kRootKeys[] = {
    {"listen", names::kListenExpected, "127.0.0.1:8080", "Where clients are served; or a list of addresses."},
    {"workers", "a whole number from 0 to 1024", "0",
     "Threads that serve. 0: one for each core that the process may use."},
    {"database", "sqlite:FILE", "sqlite:gateway.db",
     "The ledger, projects and keys. A relative path begins at the working directory."},
    {"journals", "text", "",
     "Where the journals of this database are, which must be its own alone; without it `FILE-journals` beside the "
     "database. A relative path begins at the working directory."},
    {"durability", "process or power", "process",
     "What a row survives before its answer ends: the death of the process, or of the machine."},
    {"admin_token", "text, or \"\" for none", "\"\"",
     "Short for `admin: {token: ...}`. At least 16 characters; empty: no administration over HTTP."},
    {"admin", "a mapping", "", "Administration over HTTP."},
    {"metrics", "a mapping", "", "Who may read `/metrics`; without it clients on this machine."},
    {"providers", "a mapping from names to providers", "", "The accounts at providers, by names of yours."},
    {"models", "a mapping from names to targets", "",
     "What clients may ask for: a name, `prefix/*` or `*`. Exact names win, then the longest prefix."},
    {"retry", "a mapping", "", "What is tried again, and how often."},
    {"server", "a mapping", "", "Bounds and time limits towards clients."},
    {"timeouts", "a mapping", "", "Time limits towards providers."},
    {"projects", "a mapping from names to projects", "",
     "Projects that this file governs; others live in the database."},
    {"log_bodies", "true or false", "false", "A debugging aid: writes prompts and answers to the log."},
};

constexpr Key kAdminKeys[] = {
    {"listen", names::kListenExpected, "", "An address of its own, or a list; without it the clients' address."},
    {"token", "text, or \"\" for none", "\"\"", "The bearer token, at least 16 characters."},
};

constexpr Key kMetricsKeys[] = {
    {"listen", names::kListenExpected, "", "An address of its own, or a list, and then nowhere else."},
    {"token", "text, or \"\" for none", "\"\"", "Whoever sends it as bearer token may read; at least 16 characters."},
};

void read_listen(const Fields& fields, std::vector<std::string>& listen) {
  if (!fields.has("listen")) return;
  listen.clear();
  for (const Fields::Item& item : fields.texts("listen", names::kListenExpected)) {
    if (!names::is_listen_address(item.text.text)) {
      fields.reading().unexpected(*item.node, fields.where("listen"), names::kListenExpected, item.text.shown);
    }
    listen.push_back(item.text.text);
  }
  if (fields.find("listen")->value->kind == yaml::Kind::list && fields.find("listen")->value->items.empty()) {
    fields.mistake("listen", fmt::format("{}: expected at least one address", fields.where("listen")));
  }
}

void read_database(const Fields& fields, std::string& database) {
  const yaml::Entry* entry = fields.find("database");
  if (entry == nullptr) return;
  database.clear();
  std::string text;
  fields.get("database", text, kStoreUrlExpected,
             [](std::string_view found) { return std::optional(std::string(found)); });
  if (text.empty()) return;
  if (const auto url = parse_store_url(text, false)) {
    database = text;
  } else if (url.error().detail.starts_with("expected")) {
    fields.get("database", text, kStoreUrlExpected, [](std::string_view) { return std::optional<std::string>(); });
  } else {
    fields.mistake("database", url.error().detail);
  }
}

// A command that replays journals must not look for them elsewhere because a variable is not set: then it has no
// database either.
void read_journals(const Fields& fields, Config& config) {
  if (!fields.has("journals")) return;
  const std::string not_read(1, '\0');
  std::string text = not_read;
  fields.text("journals", text);
  if (text == not_read) {
    config.database.clear();
  } else {
    config.journals = text;
  }
}

// A token that guards what operators see: not one that is guessed.
void read_token(const Fields& fields, std::string_view key, Secret& token) {
  const yaml::Entry* entry = fields.find(key);
  if (entry == nullptr) return;
  const auto text = fields.reading().scalar(*entry->value, fields.where(key), "text, or \"\" for none");
  if (!text) return;
  if (!is_field_value(text->text)) {
    fields.mistake(key, fields.where(key) + ": it has a space at an end or a control character");
  } else if (!text->text.empty() && text->text.size() < kMinAdminToken) {
    fields.mistake(key, fmt::format("{}: expected at least {} characters, as of `openssl rand -hex 32`, found {}",
                                    fields.where(key), kMinAdminToken, text->text.size()));
  }
  token = Secret(text->text);
}

void read_admin(const Fields& root, const yaml::Node& node, Config& config) {
  const Fields fields(root.reading(), node, "admin", kAdminSection);
  read_listen(fields, config.admin_listen);
  if (root.has("admin_token") && fields.has("token"))
    root.mistake("admin_token", "'admin_token' is 'token' in admin; expected one of them");
  read_token(fields, "token", config.admin_token);
  if (fields.has("listen") && !fields.has("token") && !root.has("admin_token"))
    fields.mistake("listen", "admin has an address and no 'token'; expected one of at least 16 characters");
}

void read_metrics(Reading& reading, const yaml::Node& node, MetricsConfig& metrics) {
  const Fields fields(reading, node, "metrics", kMetricsSection);
  read_listen(fields, metrics.listen);
  read_token(fields, "token", metrics.token);
}

void read_root(Reading& reading, const yaml::Node& root, Config& config) {
  static constexpr Word<Durability> kDurabilities[] = {{"process", Durability::process}, {"power", Durability::power}};
  const Fields fields(reading, root, "the configuration", kRootSection);
  read_listen(fields, config.listen);
  fields.whole("workers", config.workers, 0, 1024);
  read_database(fields, config.database);
  read_journals(fields, config);
  get_word(fields, "durability", config.durability, kDurabilities);
  read_token(fields, "admin_token", config.admin_token);
  fields.flag("log_bodies", config.log_bodies);
  const auto section = [&fields](std::string_view key, auto read) {
    if (const yaml::Entry* entry = fields.find(key)) read(*entry->value);
  };
  section("admin", [&](const yaml::Node& node) { read_admin(fields, node, config); });
  section("metrics", [&](const yaml::Node& node) { read_metrics(reading, node, config.metrics); });
  section("retry", [&](const yaml::Node& node) { read_retry(reading, node, config.retry); });
  section("server", [&](const yaml::Node& node) { read_server(reading, node, config.server); });
  section("timeouts", [&](const yaml::Node& node) { read_timeouts(reading, node, "timeouts", config.timeouts); });
  section("providers", [&](const yaml::Node& node) { read_providers(reading, node, config.providers); });
  section("models", [&](const yaml::Node& node) {
    read_routes(reading, node, config.providers, config.timeouts, config.routes);
  });
  section("projects", [&](const yaml::Node& node) { read_projects(reading, node, config.projects); });
}

ConfigReading read_text(std::string_view yaml, const std::string& file_name, const Environment& environment,
                        bool is_file) {
  Reading reading(yaml, file_name, environment);
  ConfigReading result;
  result.file = file_name;
  const yaml::Document document = yaml::parse(yaml);
  for (const yaml::Mistake& mistake : document.mistakes) reading.mistake(mistake.place, mistake.message);
  result.root = document.root;
  if (document.root) {
    read_root(reading, *document.root, result.config);
    if (reading.count() == 0) {
      for (ConfigFault& fault : check_config(result.config)) {
        reading.mistake(yaml::locate(*document.root, fault.path), std::move(fault.message));
      }
      doubt_models(reading, *document.root, result.config);
    }
    if (is_file) doubt_secrets(reading, *document.root, file_name);
  }
  result.mistakes = reading.take_mistakes();
  result.warnings = reading.take_warnings();
  return result;
}

}  // namespace

const Section kRootSection{"", kRootKeys};
const Section kAdminSection{"admin", kAdminKeys};
const Section kMetricsSection{"metrics", kMetricsKeys};

std::string ConfigMistake::to_string() const {
  return line == 0 ? fmt::format("{}: {}", file, message) : fmt::format("{}:{}:{}: {}", file, line, column, message);
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

ConfigMistake ConfigReading::at(const std::vector<std::string>& path, std::string message) const {
  const yaml::Place place = root ? yaml::locate(*root, path) : yaml::Place{0, 0};
  return {file, place.line, place.column, std::move(message), false};
}

ConfigReading read_config_text(std::string_view yaml, const std::string& file_name, const Environment& environment) {
  return read_text(yaml, file_name, environment, false);
}

ConfigReading read_config_file(const std::string& path, const Environment& environment) {
  const auto unreadable = [&path](const std::string& why) {
    ConfigReading result;
    result.file = path;
    result.mistakes.push_back({path, 0, 0, why, false});
    return result;
  };
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(fmt::format("cannot be opened: {}", std::strerror(errno)));
  std::string text(yaml::kMaxBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) return unreadable("cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  return read_text(text, path, environment, true);
}

}  // namespace gateway
