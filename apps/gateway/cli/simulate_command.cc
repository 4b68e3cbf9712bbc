#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/check.h"
#include "app/cli/parser/command.h"
#include "app/cli/screen.h"
#include "app/render/json.h"
#include "app/render/replay.h"
#include "app/render/simulation.h"
#include "app/render/table.h"
#include "app/values/moments.h"
#include "gateway/yaml_scenario.h"

namespace gateway::app {
namespace {

struct SimulateFlags {
  std::vector<std::string> files;
  std::optional<std::string> config, junit, svg;
  std::optional<std::int64_t> seed;
  std::optional<std::string> database;
  std::string since = "7d";
  bool from_ledger = false;
  bool json = false;
};

// Nothing: its mistakes are on `err`.
Result<std::optional<PlayedScenario>> play(const std::string& file, const SimulateFlags& flags, Session& session) {
  ScenarioReading reading = read_scenario_file(file, flags.config);
  for (const ConfigMistake& mistake : reading.mistakes) session.err << printable(mistake.to_string()) << '\n';
  if (!reading.mistakes.empty()) return std::optional<PlayedScenario>();
  if (flags.seed) reading.scenario.seed = static_cast<std::uint64_t>(*flags.seed);
  auto outcome = sim::simulate(reading.scenario);
  if (!outcome) return Error{ErrorCode::refused, file + ": " + outcome.error().detail};
  return std::optional(PlayedScenario{file, reading.scenario.name, reading.scenario.seed, std::move(*outcome)});
}

Result<void> write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return Error{ErrorCode::unavailable, fmt::format("'{}' cannot be written", path)};
  return {};
}

void print(const std::vector<PlayedScenario>& all, const SimulateFlags& flags, Session& session) {
  if (flags.json) {
    std::vector<std::string> documents;
    for (const PlayedScenario& played : all) documents.push_back(simulation_json(played));
    session.out << json::list(documents) << '\n';
    return;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) session.out << '\n';
    print_simulation(session.out, all[i], screen_of(session).colour);
  }
}

// Recorded requests against the configuration of -c, which also says where the ledger is.
Outcome run_from_ledger(const SimulateFlags& flags, Session& session) {
  if (!flags.files.empty()) return usage_error("--from-ledger takes no scenario");
  const auto since = read_moment("--since", flags.since, session.now());
  if (!since) return since.error();
  auto opened = open_deployment({flags.config, flags.database}, Need::read, session);
  if (!opened) return opened.error();
  sim::Recording recording;
  RowQuery query;
  query.since = *since;
  query.newest_first = false;
  query.limit = 0;
  const auto read = opened->store->rows(query, [&](const Row& row) { return recording.add(row), true; });
  if (!read) return read.error();
  if (recording.requests() == 0) return Error{ErrorCode::not_found, "the ledger has no requests since " + flags.since};
  const auto tenants = opened->store->tenants();
  if (!tenants) return tenants.error();
  const auto replayed = sim::replay(recording, opened->workspace.config, tenants->projects,
                                    static_cast<std::uint64_t>(flags.seed.value_or(1)));
  if (!replayed) return replayed.error();
  if (flags.json) {
    session.out << replay_json(*replayed) << '\n';
  } else {
    print_replay(session.out, *replayed);
  }
  return replayed->answered_now < replayed->answered_before ? kFinding : kFine;
}

Outcome run_scenarios(const SimulateFlags& flags, Session& session) {
  if (flags.files.empty()) return usage_error("expected a scenario file, or --from-ledger");
  if (flags.svg && flags.files.size() > 1) return usage_error("--svg: expected one scenario");
  std::vector<PlayedScenario> all;
  bool fine = true;
  for (const std::string& file : flags.files) {
    auto played = play(file, flags, session);
    if (!played) return played.error();
    fine = fine && *played && (*played)->outcome.as_expected();
    if (*played) all.push_back(std::move(**played));
  }
  print(all, flags, session);
  if (flags.junit) {
    if (auto written = write_file(*flags.junit, simulations_junit(all)); !written) return written.error();
  }
  if (flags.svg && !all.empty()) {
    if (auto written = write_file(*flags.svg, simulation_svg(all.front())); !written) return written.error();
  }
  return fine ? kFine : kFinding;
}

}  // namespace

void add_simulate(Command& app, Session& session) {
  Command& command = *app.add_subcommand(
      "simulate",
      "Play scenarios of requests, time and providers' faults against a configuration, offline; exit 1 if something "
      "comes out otherwise than a scenario expects");
  auto flags = std::make_shared<SimulateFlags>();
  command.add_option("files", flags->files, "Scenario files", "FILE");
  command.add_option("-c,--config", flags->config, "Play this configuration instead of the one that a scenario names",
                     "FILE");
  command.add_option("--seed", flags->seed, "Of everything random, instead of the scenario's", "N")
      ->check(whole_number(0, std::numeric_limits<std::int64_t>::max()));
  command.add_option("--junit", flags->junit, "Write a JUnit report too", "FILE");
  command.add_option("--svg", flags->svg, "Write a picture of the timeline too", "FILE");
  command.add_flag("--json", flags->json, "Print one JSON document, a list of results; one result with --from-ledger");
  command.add_flag("--from-ledger", flags->from_ledger,
                   "Play recorded requests against the configuration of -c, and report what would differ; exit 1 if "
                   "fewer would be answered");
  command.add_option("--since", flags->since, "With --from-ledger: from when on: 24h, 7d, a day, RFC 3339", "TIME")
      ->capture_default_str();
  command.add_option("--database", flags->database, "With --from-ledger: the ledger, before the configuration's",
                     "FILE");
  add_example(command, "gateway simulate examples/scenarios/*.yaml");
  command.callback([flags, &session] {
    finish(session, flags->from_ledger ? run_from_ledger(*flags, session) : run_scenarios(*flags, session));
  });
}

}  // namespace gateway::app
