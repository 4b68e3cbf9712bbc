#include <fmt/format.h>

#include <cstdlib>
#include <sstream>

#include "base/config_check.h"
#include "base/extra_fields.h"
#include "base/names.h"
#include "base/store_url.h"
#include "config/doubts.h"
#include "config/sections.h"
#include "config/text_file.h"

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
    {"admin_tokens", "a list of mappings", "",
     "Tokens for several people and programs beside `admin_token`, which may do everything."},
    {"dashboard", "on or off", "on", "The administration's pages for people, at `/dashboard/`."},
    {"metrics", "a mapping", "", "Who may read `/metrics`; without it clients on this machine."},
    {"reconcile", "a mapping", "", "What is done with providers' bills every night."},
    {"mcp", "a mapping", "", "The MCP server for agents, at `/mcp`."},
    {"providers", "a mapping from names to providers", "", "The accounts at providers, by names of yours."},
    {"models", "a mapping from names to targets", "",
     "What clients may ask for: a name, `prefix/*` or `*`. Exact names win, then the longest prefix."},
    {"retry", "a mapping", "", "What is tried again, and how often."},
    {"outliers", "a mapping", "",
     "When a target is rested because it does far worse than the others of its route: see [Routing](routing.md)."},
    {"server", "a mapping", "", "Bounds and time limits towards clients."},
    {"timeouts", "a mapping", "", "Time limits towards providers."},
    {"projects", "a mapping from names to projects", "",
     "Projects that this file governs; others live in the database."},
    {"surfaces", "a mapping", "", "The shapes beside OpenAI's and Anthropic's that clients may speak."},
    {"route_header", "true or false", "false",
     "Whether answers tell in `x-gateway-route` how their target was chosen: names of providers, for trusted clients."},
    {"log_bodies", "true or false", "false", "A debugging aid: writes prompts and answers to the log."},
};

constexpr Key kAdminKeys[] = {
    {"listen", names::kListenExpected, "", "An address of its own, or a list; without it the clients' address."},
    {"token", "text, or \"\" for none", "\"\"", "The bearer token, at least 16 characters."},
};

constexpr Key kAdminTokenKeys[] = {
    {"name", names::kNameExpected, "", "Required. The log of what was changed says it."},
    {"token", "text", "", "Required. The bearer token, at least 16 characters."},
    {"role", "read or write", "read", "`read`: what changes something is refused with 403."},
};

constexpr Key kReconcileKeys[] = {
    {"nightly", "true or false", "true",
     "Compare the ledger with the bills of providers that have a `management_key`."},
    {"book", "true or false", "false", "Book the differences that are found, as `gateway reconcile --book` does."},
};

constexpr Key kMetricsKeys[] = {
    {"listen", names::kListenExpected, "", "An address of its own, or a list, and then nowhere else."},
    {"token", "text, or \"\" for none", "\"\"", "Whoever sends it as bearer token may read; at least 16 characters."},
};

constexpr Key kSurfacesKeys[] = {
    {"insforge", "true or false", "true", "`/api/ai`, for InsForge's SDKs."},
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

AdminToken read_admin_token(Reading& reading, const yaml::Node& node, const std::string& name) {
  static constexpr Word<AdminRole> kRoles[] = {{"read", AdminRole::read}, {"write", AdminRole::write}};
  AdminToken token;
  const Fields fields(reading, node, name, kAdminTokenSection);
  const std::size_t before = reading.count();
  fields.get("name", token.name, names::kNameExpected, [](std::string_view text) {
    return names::is_name(text) ? std::optional(std::string(text)) : std::nullopt;
  });
  read_token(fields, "token", token.token);
  get_word(fields, "role", token.role, kRoles);
  if (reading.count() != before) return token;
  if (token.name.empty()) reading.mistake(node.place, name + " has no 'name'");
  if (token.token.empty())
    reading.mistake(node.place,
                    fmt::format("{} has no 'token'; expected one of at least {} characters", name, kMinAdminToken));
  return token;
}

// A name, and a token, is of one alone: else the log would name another.
void expect_distinct(const Fields& root, const Config& config) {
  const std::vector<AdminToken>& tokens = config.admin_tokens;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    bool is_taken = !config.admin_token.empty() && config.admin_token.equals(tokens[i].token.reveal());
    for (std::size_t j = 0; j < i; ++j) {
      if (tokens[j].name == tokens[i].name)
        root.mistake("admin_tokens", fmt::format("two of admin_tokens have the name '{}'", tokens[i].name));
      is_taken = is_taken || tokens[j].token.equals(tokens[i].token.reveal());
    }
    if (tokens[i].name == "admin_token" || tokens[i].name == "first_run")
      root.mistake("admin_tokens",
                   fmt::format("'{}' is no name for one of admin_tokens: it means another", tokens[i].name));
    if (is_taken) root.mistake("admin_tokens", fmt::format("the token of '{}' is another's too", tokens[i].name));
  }
}

void read_admin_tokens(const Fields& root, const yaml::Node& node, Config& config) {
  if (node.kind != yaml::Kind::list) {
    return root.mistake("admin_tokens",
                        fmt::format("{}: expected a list of mappings such as [{{name: ci, token: \"${{CI_TOKEN}}\"}}]",
                                    root.where("admin_tokens")));
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    config.admin_tokens.push_back(
        read_admin_token(root.reading(), *node.items[i], fmt::format("item {} of admin_tokens", i + 1)));
  }
}

void read_reconcile(Reading& reading, const yaml::Node& node, ReconcileConfig& reconcile) {
  const Fields fields(reading, node, "reconcile", kReconcileSection);
  fields.flag("nightly", reconcile.nightly);
  fields.flag("book", reconcile.book);
  if (reconcile.book && !reconcile.nightly)
    fields.mistake("book", "'book' in reconcile: nothing is found without 'nightly'");
}

void read_admin(const Fields& root, const yaml::Node& node, Config& config) {
  const Fields fields(root.reading(), node, "admin", kAdminSection);
  read_listen(fields, config.admin_listen);
  if (root.has("admin_token") && fields.has("token"))
    root.mistake("admin_token", "'admin_token' is 'token' in admin; expected one of them");
  read_token(fields, "token", config.admin_token);
  if (fields.has("listen") && !fields.has("token") && !root.has("admin_token") && !root.has("admin_tokens"))
    fields.mistake("listen", "admin has an address and no 'token'; expected one of at least 16 characters");
}

void read_metrics(Reading& reading, const yaml::Node& node, MetricsConfig& metrics) {
  const Fields fields(reading, node, "metrics", kMetricsSection);
  read_listen(fields, metrics.listen);
  read_token(fields, "token", metrics.token);
}

void read_surfaces(Reading& reading, const yaml::Node& node, Config& config) {
  const Fields fields(reading, node, "surfaces", kSurfacesSection);
  fields.flag("insforge", config.insforge);
}

void read_root(Reading& reading, const yaml::Node& root, Config& config) {
  static constexpr Word<Durability> kDurabilities[] = {{"process", Durability::process}, {"power", Durability::power}};
  static constexpr Word<bool> kSwitch[] = {{"on", true}, {"off", false}};
  const Fields fields(reading, root, "the configuration", kRootSection);
  read_listen(fields, config.listen);
  fields.whole("workers", config.workers, 0, 1024);
  read_database(fields, config.database);
  read_journals(fields, config);
  get_word(fields, "durability", config.durability, kDurabilities);
  read_token(fields, "admin_token", config.admin_token);
  get_word(fields, "dashboard", config.dashboard, kSwitch);
  fields.flag("route_header", config.route_header);
  fields.flag("log_bodies", config.log_bodies);
  const auto section = [&fields](std::string_view key, auto read) {
    if (const yaml::Entry* entry = fields.find(key)) read(*entry->value);
  };
  section("admin", [&](const yaml::Node& node) { read_admin(fields, node, config); });
  section("admin_tokens", [&](const yaml::Node& node) { read_admin_tokens(fields, node, config); });
  if (reading.count() == 0) expect_distinct(fields, config);
  section("reconcile", [&](const yaml::Node& node) { read_reconcile(reading, node, config.reconcile); });
  section("metrics", [&](const yaml::Node& node) { read_metrics(reading, node, config.metrics); });
  section("surfaces", [&](const yaml::Node& node) { read_surfaces(reading, node, config); });
  section("mcp", [&](const yaml::Node& node) { read_mcp(reading, node, config.mcp); });
  section("retry", [&](const yaml::Node& node) { read_retry(reading, node, config.retry); });
  section("outliers", [&](const yaml::Node& node) { read_outliers(reading, node, config.outliers); });
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
const Section kAdminTokenSection{"admin_tokens[]", kAdminTokenKeys};
const Section kMetricsSection{"metrics", kMetricsKeys};
const Section kSurfacesSection{"surfaces", kSurfacesKeys};
const Section kReconcileSection{"reconcile", kReconcileKeys};

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
  const auto text = read_text_file(path);
  if (text) return read_text(*text, path, environment, true);
  ConfigReading result;
  result.file = path;
  result.mistakes.push_back({path, 0, 0, text.error().detail, false});
  return result;
}

}  // namespace gateway
