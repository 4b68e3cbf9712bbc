#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <ostream>

#include "app/background/catalogue_files.h"
#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/env_file.h"
#include "app/cli/flags.h"
#include "app/cli/parser/check.h"
#include "app/cli/parser/command.h"
#include "app/cli/server_url.h"
#include "app/mcp/bridge.h"
#include "app/mcp/client_config.h"
#include "app/mcp/stdio.h"
#include "app/mcp/tools/tools.h"
#include "app/random_bytes.h"

namespace gateway::app {
namespace {

struct McpFlags {
  DatabaseFlags database;
  std::optional<std::string> url, print_config;
  std::string key_variable = "GATEWAY_KEY", key_file = ".env.local";
  std::vector<std::string> write;
};

std::string program_path() {
  std::error_code unknown;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", unknown);
  return unknown ? "gateway" : path.string();
}

// A client starts the server wherever it likes: paths must not depend on that.
std::string absolute(const std::string& path) {
  std::error_code unknown;
  const auto whole = std::filesystem::absolute(path, unknown);
  return unknown ? path : whole.string();
}

std::string absolute_database(const std::string& url) {
  constexpr std::string_view kScheme = "sqlite:";
  if (!url.starts_with(kScheme)) return url.find(':') == url.npos ? absolute(url) : url;
  return std::string(kScheme) + absolute(url.substr(kScheme.size()));
}

int print_config(const McpFlags& flags, Session& session) {
  mcp::ClientConfig config{program_path(), {}, flags.url, flags.key_variable};
  if (config.url) config.url = plain_url(*config.url);
  const auto add = [&config](const char* flag, const std::string& value) {
    config.arguments.emplace_back(flag);
    config.arguments.push_back(value);
  };
  if (flags.database.config) {
    add("-c", absolute(*flags.database.config));
  } else if (std::filesystem::exists("gateway.yaml")) {
    add("-c", absolute("gateway.yaml"));
  }
  if (flags.database.database) add("--database", absolute_database(*flags.database.database));
  if (config.arguments.empty()) add("--database", absolute_database("sqlite:gateway.db"));
  if (!flags.write.empty()) {
    add("--write", "keys");
    add("--key-file", absolute(flags.key_file));
  }
  session.out << mcp::client_config(*flags.print_config, config);
  return kFine;
}

Outcome serve_bridge(const McpFlags& flags, Session& session) {
  const auto key = session.environment(flags.key_variable);
  if (!key || key->empty())
    return usage_error(fmt::format("--key-env: the variable {} is not set; expected a key or the admin token in it",
                                   flags.key_variable));
  const auto bridge = mcp::Bridge::open(*flags.url, Secret(*key));
  if (!bridge) return bridge.error();
  mcp::serve_lines(std::cin, session.out, [&](const std::string& line) { return (*bridge)->answer(line); });
  return kFine;
}

// Where clients reach the server; one that listens at a socket alone has no URL.
std::string base_url(const Workspace& workspace) {
  const auto url = server_url(workspace, {});
  return url ? *url + "/v1" : workspace.config.listen.front();
}

mcp::KeyDelivery file_delivery(const std::string& path) {
  mcp::KeyDelivery delivery;
  delivery.check = [path] { return expect_writable(path); };
  delivery.deliver = [path](const operations::NewKey& made) -> Result<std::string> {
    const auto done = write_env_file(path, "GATEWAY_KEY", made.text);
    if (!done) return done.error();
    return "GATEWAY_KEY in the file " + path;
  };
  return delivery;
}

std::string confirm_secret() {
  std::array<std::uint8_t, 32> bytes{};
  fill_random(bytes);
  return {bytes.begin(), bytes.end()};
}

Outcome serve_ledger(const McpFlags& flags, Session& session) {
  auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  // Without a database a configuration answers where requests would go and what they would cost.
  const Need need = workspace->config_path.empty() ? Need::read : Need::read_if_there;
  if (const auto store = open_store(*workspace, need); !store) return store.error();
  mcp::Sources sources;
  sources.config = std::make_shared<const Config>(workspace->config);
  sources.config_path = workspace->config_path;
  sources.database = workspace->database;
  sources.catalogues = [&workspace] { return kept_catalogues(workspace->database, [](const std::string&) {}); };
  sources.now = session.now;
  sources.write_keys = !flags.write.empty();
  sources.delivery = file_delivery(absolute(flags.key_file));
  sources.confirmations = std::make_shared<mcp::Confirmations>(confirm_secret());
  const mcp::Caller caller{true, {}, "local", {}};
  mcp::serve_lines(std::cin, session.out, [&](const std::string& line) {
    sources.base_url = base_url(*workspace);  // a server may have been started meanwhile
    const mcp::Desk desk(sources, caller);
    const auto tools = mcp::tools_for(desk);
    const auto answer = mcp::Protocol(mcp::gateway_facts(), tools).answer(line, nullptr);
    if (!answer.tool.empty()) {
      session.err << fmt::format("gateway: mcp {}({}){}{}\n", answer.tool, answer.arguments,
                                 answer.is_error ? " failed" : "", answer.audit.empty() ? "" : ": " + answer.audit);
    }
    return answer.body;
  });
  return kFine;
}

Outcome serve_mcp(const McpFlags& flags, Session& session) {
  if (flags.print_config) return print_config(flags, session);
  return flags.url ? serve_bridge(flags, session) : serve_ledger(flags, session);
}

}  // namespace

void add_mcp(Command& app, Session& session) {
  auto flags = std::make_shared<McpFlags>();
  Command* command = app.add_subcommand(
      "mcp", "Serve the Model Context Protocol on standard input and output: for agents that read the ledger");
  add_flags(*command, flags->database);
  command->add_option("--url", flags->url, "Pass messages on to the /mcp of a running gateway instead", "URL");
  command
      ->add_option("--key-env", flags->key_variable, "With --url: the variable that has a key or the admin token",
                   "NAME")
      ->capture_default_str();
  command->add_option("--write", flags->write, "Let tools change: keys; each time after a confirmation", "WHAT")
      ->check(one_of({"keys"}))
      ->one_value();
  command->add_option("--key-file", flags->key_file, "With --write: the file that new keys are written into", "FILE")
      ->capture_default_str();
  command
      ->add_option("--print-config", flags->print_config,
                   "Print what a client's configuration needs, and end: claude, cursor, vscode or codex", "CLIENT")
      ->check(one_of({"claude", "cursor", "vscode", "codex"}));
  add_example(*command, "gateway mcp -c gateway.yaml --print-config claude");
  command->callback([flags, &session] { finish(session, serve_mcp(*flags, session)); });
}

}  // namespace gateway::app
