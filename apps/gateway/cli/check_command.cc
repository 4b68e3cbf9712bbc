#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/render/counted.h"
#include "app/render/json.h"
#include "app/unpriced_targets.h"
#include "gateway/yaml_config.h"

namespace gateway::app {
namespace {

struct CheckFlags {
  std::string config = "gateway.yaml";
  std::string file;  // the same, without the flag
  bool json = false;
};

std::vector<std::string> as_json(const std::vector<ConfigMistake>& mistakes) {
  std::vector<std::string> out;
  for (const ConfigMistake& mistake : mistakes) {
    out.push_back(json::Object()
                      .add("file", json::text(mistake.file))
                      .add("line", mistake.line > 0 ? json::number(mistake.line) : json::null())
                      .add("column", mistake.line > 0 ? json::number(mistake.column) : json::null())
                      .add("message", json::text(mistake.message))
                      .str());
  }
  return out;
}

Outcome check(const CheckFlags& flags, Session& session) {
  const std::string& path = flags.file.empty() ? flags.config : flags.file;
  ConfigReading reading = read_config_file(path, session.environment);
  if (reading.mistakes.empty()) {
    for (ConfigMistake& warning : unpriced_targets(reading)) reading.warnings.push_back(std::move(warning));
  }
  const bool fine = reading.mistakes.empty() && reading.warnings.empty();
  if (flags.json) {
    session.out << json::Object()
                       .add("ok", json::boolean(fine))
                       .add("mistakes", json::list(as_json(reading.mistakes)))
                       .add("warnings", json::list(as_json(reading.warnings)))
                       .str()
                << '\n';
    return fine ? kFine : kFinding;
  }
  for (const ConfigMistake& mistake : reading.mistakes) session.err << printable(mistake.to_string()) << '\n';
  for (const ConfigMistake& warning : reading.warnings) {
    ConfigMistake marked = warning;
    marked.message = "warning: " + warning.message;
    session.err << printable(marked.to_string()) << '\n';
  }
  if (fine) {
    session.out << fmt::format("{}: fine: {}, {}, {}\n", path, counted(reading.config.providers.size(), "provider"),
                               counted(reading.config.routes.size(), "model"),
                               counted(reading.config.projects.size(), "project"));
  }
  return fine ? kFine : kFinding;
}

}  // namespace

void add_check(Command& app, Session& session) {
  auto flags = std::make_shared<CheckFlags>();
  Command* command = app.add_subcommand("check", "Report every mistake of a configuration file, with its place");
  Flag* config =
      command->add_option("-c,--config", flags->config, "The configuration file", "FILE")->capture_default_str();
  command->add_option("file", flags->file, "The configuration file, without -c", "FILE")->excludes(config);
  command->add_flag("--json", flags->json, "Print one JSON document");
  add_example(*command, "gateway check -c gateway.yaml");
  command->callback([flags, &session] { finish(session, check(*flags, session)); });
}

}  // namespace gateway::app
