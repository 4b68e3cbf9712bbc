#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <ostream>

#include "gateway/command_line.h"
#include "gateway/flags.h"
#include "gateway/json_out.h"
#include "gateway/yaml_config.h"

namespace gateway::app {
namespace {

struct CheckFlags {
  std::string config = "gateway.yaml";
  bool json = false;
};

std::string counted(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

void print_json(const ConfigReading& reading, Session& session) {
  std::vector<std::string> mistakes;
  for (const ConfigMistake& mistake : reading.mistakes) {
    mistakes.push_back(json::Object()
                           .add("file", json::text(mistake.file))
                           .add("line", mistake.line > 0 ? json::number(mistake.line) : json::null())
                           .add("column", mistake.line > 0 ? json::number(mistake.column) : json::null())
                           .add("message", json::text(mistake.message))
                           .str());
  }
  session.out << json::Object().add("ok", json::boolean(mistakes.empty())).add("mistakes", json::list(mistakes)).str()
              << '\n';
}

Outcome check(const CheckFlags& flags, Session& session) {
  const ConfigReading reading = read_config_file(flags.config, session.environment);
  if (flags.json) {
    print_json(reading, session);
  } else {
    for (const ConfigMistake& mistake : reading.mistakes) session.err << mistake.to_string() << '\n';
  }
  if (!reading.mistakes.empty()) return kFinding;
  if (!flags.json) {
    session.out << fmt::format(
        "{}: fine: {}, {}, {}\n", flags.config, counted(reading.config.providers.size(), "provider"),
        counted(reading.config.routes.size(), "model"), counted(reading.config.projects.size(), "project"));
  }
  return kFine;
}

}  // namespace

void add_check(CLI::App& app, Session& session) {
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* command = app.add_subcommand("check", "Tell every mistake of a configuration file, with its place");
  command->add_option("-c,--config", flags->config, "The configuration file")->type_name("FILE")->capture_default_str();
  command->add_flag("--json", flags->json, "Print one JSON document");
  add_example(*command, "gateway check -c gateway.yaml");
  command->callback([flags, &session] { finish(session, check(*flags, session)); });
}

}  // namespace gateway::app
