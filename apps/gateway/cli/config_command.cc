#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "gateway/yaml_config.h"
#include "gateway/yaml_scenario.h"

namespace gateway::app {

// For those who write the documents: not listed among the commands.
void add_config(Command& app, Session& session) {
  Command* config = app.add_subcommand("config", "About the configuration file");
  config->hide();
  config->require_subcommand();
  Command* reference = config->add_subcommand("reference", "Print all keys of the file, as Markdown");
  add_example(*reference, "gateway config reference");
  reference->callback([&session] {
    session.out << config_reference();
    finish(session, kFine);
  });
  Command* scenario = config->add_subcommand("scenario", "Print all keys of a scenario's file, as Markdown");
  add_example(*scenario, "gateway config scenario");
  scenario->callback([&session] {
    session.out << scenario_reference();
    finish(session, kFine);
  });
}

}  // namespace gateway::app
