#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/render/json.h"
#include "app/render/table.h"
#include "gateway/yaml_config.h"
#include "operations/config_diff.h"

namespace gateway::app {
namespace {

struct DiffFlags {
  std::string old_file, new_file;
  bool json = false;
};

// Variables that are not set make no difference between two files.
Result<Config> read(const std::string& path, Session& session) {
  ConfigReading reading = read_config_file(path, session.environment);
  std::erase_if(reading.mistakes, [](const ConfigMistake& mistake) { return mistake.variable_missing; });
  if (reading.mistakes.empty()) return std::move(reading.config);
  return Error{ErrorCode::refused, reading.mistakes.front().to_string()};
}

std::string as_json(const operations::ConfigDifference& difference) {
  constexpr std::string_view kHow[] = {"added", "removed", "changed"};
  const auto text_or_null = [](const std::string& text) { return text.empty() ? json::null() : json::text(text); };
  return json::Object()
      .add("change", json::text(kHow[static_cast<std::size_t>(difference.how)]))
      .add("subject", text_or_null(difference.subject))
      .add("name", text_or_null(difference.name))
      .add("was", text_or_null(difference.was))
      .add("now", text_or_null(difference.now))
      .add("secret", json::boolean(difference.secret))
      .str();
}

Outcome run_diff(const DiffFlags& flags, Session& session) {
  const auto was = read(flags.old_file, session);
  if (!was) return was.error();
  const auto now = read(flags.new_file, session);
  if (!now) return now.error();
  const auto differences = operations::config_differences(*was, *now);
  if (flags.json) {
    std::vector<std::string> all;
    for (const auto& each : differences) all.push_back(as_json(each));
    session.out << json::list(all) << '\n';
  } else {
    for (const auto& each : differences) session.out << printable(operations::words_of(each)) << '\n';
  }
  return differences.empty() ? kFine : kFinding;
}

}  // namespace

void add_diff(Command& app, Session& session) {
  Command& command = *app.add_subcommand(
      "diff",
      "Say in words how two configuration files differ; exit 1 if they do. Secrets are compared and never shown");
  auto flags = std::make_shared<DiffFlags>();
  command.add_option("old", flags->old_file, "The configuration as it was", "FILE")->required();
  command.add_option("new", flags->new_file, "As it is to be", "FILE")->required();
  command.add_flag("--json", flags->json, "Print one JSON document, a list of differences");
  add_example(command, "gateway diff gateway.yaml new.yaml");
  command.callback([flags, &session] { finish(session, run_diff(*flags, session)); });
}

}  // namespace gateway::app
