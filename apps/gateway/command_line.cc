#include "gateway/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

namespace gateway::app {
namespace {

constexpr const char* kVersion = "gateway " GATEWAY_VERSION;

// "gateway key create": the command that was meant, as far as it was understood.
std::string meant_command(const CLI::App& app) {
  std::string name = app.get_name();
  for (const CLI::App* command = &app; !command->get_subcommands().empty();) {
    command = command->get_subcommands().back();
    name += " " + command->get_name();
  }
  return name;
}

}  // namespace

int run(std::vector<std::string> arguments, Session& session) {
  CLI::App app{"An LLM gateway: projects, keys, limits, spend caps and an exact ledger in front of any provider",
               "gateway"};
  app.set_version_flag("--version", kVersion, "Print the version");
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  add_serve(app, session);
  add_check(app, session);
  add_explain(app, session);
  add_project(app, session);
  add_key(app, session);
  add_usage(app, session);
  add_requests(app, session);
  add_ledger(app, session);
  add_prices(app, session);
  add_reconcile(app, session);

  session.status = kFine;
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForVersion& version) {
    session.out << version.what() << '\n';
  } catch (const CLI::Success&) {
    session.out << app.help();
  } catch (const CLI::ParseError& error) {
    std::string line = error.what();
    std::replace(line.begin(), line.end(), '\n', ' ');
    session.err << "gateway: " << line << "; see '" << meant_command(app) << " --help'\n";
    return kUsage;
  }
  return session.status;
}

}  // namespace gateway::app
