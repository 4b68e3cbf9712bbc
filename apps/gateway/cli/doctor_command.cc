#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/doctor.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/cli/screen.h"
#include "app/listening.h"
#include "app/open_store.h"
#include "app/render/counted.h"
#include "app/render/json.h"
#include "app/unpriced_targets.h"
#include "base/store_url.h"
#include "gateway/yaml_config.h"

namespace gateway::app {
namespace {

struct DoctorCommandFlags {
  DoctorFlags doctor;
  bool json = false;
};

constexpr std::array<std::string_view, 3> kNames{"ok", "warn", "fail"};
constexpr std::array<Tone, 3> kTones{Tone::good, Tone::warning, Tone::bad};

// Whether the workspace can be examined: its file has no mistake but variables that are not set.
bool examine_config(const DoctorFlags& flags, Session& session, Diagnoses& found) {
  std::error_code ignored;
  const std::string path = flags.database.config.value_or("gateway.yaml");
  if (!flags.database.config && !std::filesystem::exists(path, ignored)) {
    found.push_back({"configuration", Health::ok, "no gateway.yaml: the server runs without a file", "gateway init"});
    return true;
  }
  const std::string check = "gateway check -c " + path;
  ConfigReading reading = read_config_file(path, session.environment);
  bool readable = true;
  for (const ConfigMistake& mistake : reading.mistakes) {
    found.push_back({mistake.variable_missing ? "environment" : "configuration", Health::fail, mistake.to_string(),
                     mistake.variable_missing ? "set the variable" : check});
    readable = readable && mistake.variable_missing;
  }
  if (reading.mistakes.empty()) {
    for (ConfigMistake& warning : unpriced_targets(reading)) reading.warnings.push_back(std::move(warning));
    found.push_back({"configuration", Health::ok,
                     fmt::format("{}: {}, {}, {}", path, counted(reading.config.providers.size(), "provider"),
                                 counted(reading.config.routes.size(), "model"),
                                 counted(reading.config.projects.size(), "project")),
                     ""});
  }
  for (const ConfigMistake& warning : reading.warnings)
    found.push_back({"configuration", Health::warn, warning.to_string(), check});
  struct stat file {};
  if (::stat(path.c_str(), &file) == 0 && (file.st_mode & S_IWOTH) != 0)
    found.push_back({"permissions", Health::fail, path + " may be changed by everybody", "chmod o-w " + path});
  return readable;
}

std::string as_json(const Diagnoses& found, bool failed) {
  std::vector<std::string> checks;
  for (const Diagnosis& each : found) {
    checks.push_back(json::Object()
                         .add("check", json::text(each.check))
                         .add("health", json::text(kNames[static_cast<std::size_t>(each.health)]))
                         .add("detail", json::text(each.detail))
                         .add("mend", each.mend.empty() ? json::null() : json::text(each.mend))
                         .str());
  }
  return json::Object().add("ok", json::boolean(!failed)).add("checks", json::list(checks)).str() + "\n";
}

std::string as_text(const Diagnoses& found, bool colour) {
  std::string text;
  for (const Diagnosis& each : found) {
    const auto health = static_cast<std::size_t>(each.health);
    const std::string name = fmt::format("{:<4}", kNames[health]);
    text +=
        fmt::format("{}  {}: {}\n", toned(name, kTones[health], colour), printable(each.check), printable(each.detail));
    if (!each.mend.empty()) text += fmt::format("      -> {}\n", printable(each.mend));
  }
  return text;
}

// Of the server on that database; empty: none runs, or it is reached at sockets alone.
std::string url_that_runs(const Workspace& workspace) {
  const auto running = read_listening(journal_directory(workspace.config, workspace.database));
  return running ? running->clients : std::string();
}

Outcome run_doctor(const DoctorCommandFlags& flags, Session& session) {
  const Diagnoses found = examine(flags.doctor, session);
  const bool failed =
      std::any_of(found.begin(), found.end(), [](const Diagnosis& each) { return each.health == Health::fail; });
  session.out << (flags.json ? as_json(found, failed) : as_text(found, screen_of(session).colour));
  return failed ? kFinding : kFine;
}

}  // namespace

Diagnoses examine(const DoctorFlags& flags, Session& session) {
  Diagnoses found;
  std::string url = flags.url;
  if (examine_config(flags, session, found)) {
    const auto workspace = find_workspace(flags.database, session);
    if (!workspace) {
      found.push_back({"database", Health::fail, workspace.error().detail, ""});
    } else {
      examine_storage(*workspace, found);
      examine_ledger(*workspace, session.now(), found);
      if (url.empty()) url = url_that_runs(*workspace);
      examine_machine(workspace->config, url.empty(), found);
      examine_providers(*workspace, session.now(), flags.offline, found);
    }
  }
  if (!url.empty()) examine_server(url, found);
  return found;
}

void add_doctor(Command& app, Session& session) {
  auto flags = std::make_shared<DoctorCommandFlags>();
  Command* command = app.add_subcommand(
      "doctor",
      "Examine configuration, database, disk, limits, ports and providers; exit 1 if something is broken. "
      "Its output has no secret");
  add_flags(*command, flags->doctor.database);
  command->add_option("--url", flags->doctor.url, "Examine the server that runs there too", "URL");
  command->add_flag("--offline", flags->doctor.offline, "Leave out what needs the network");
  command->add_flag("--json", flags->json, "Print one JSON document");
  add_example(*command, "gateway doctor -c gateway.yaml --url http://127.0.0.1:8080");
  command->callback([flags, &session] { finish(session, run_doctor(*flags, session)); });
}

}  // namespace gateway::app
