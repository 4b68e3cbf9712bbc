#include "gateway/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>
#include <string_view>

#include "config/nearest.h"

namespace gateway::app {
namespace {

constexpr const char* kVersion = "gateway " GATEWAY_VERSION;

// The command that was meant, as far as it was understood, and what it is called: "gateway key create".
struct Meant {
  CLI::App* command;
  std::string name;
};
Meant meant_command(CLI::App& app) {
  Meant meant{&app, app.get_name()};
  while (!meant.command->get_subcommands().empty()) {
    meant.command = meant.command->get_subcommands().back();
    meant.name += " " + meant.command->get_name();
  }
  return meant;
}

bool is_unknown(const Meant& meant) {
  return !meant.command->get_subcommands({}).empty() && !meant.command->remaining().empty();
}

std::string mistake_of(const CLI::Error& error, const Meant& meant) {
  std::vector<std::string> known;
  for (const CLI::App* command : meant.command->get_subcommands({})) known.push_back(command->get_name());
  const std::vector<std::string> rest = meant.command->remaining();
  std::string line = error.what();
  if (!known.empty()) {
    const std::vector<std::string_view> names(known.begin(), known.end());
    const std::string_view near = rest.empty() ? std::string_view() : nearest(rest.front(), names);
    line = rest.empty() ? "expected a command" : "no command '" + rest.front() + "'";
    if (!near.empty()) line += "; did you mean '" + std::string(near) + "'?";
  }
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line + (line.back() == '?' ? " See '" : "; see '") + meant.name + " --help'";
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
  session.error.reset();
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForVersion& version) {
    session.out << version.what() << '\n';
  } catch (const CLI::Success& help) {
    if (const Meant meant = meant_command(app); is_unknown(meant)) {
      session.err << "gateway: " << mistake_of(help, meant) << '\n';
      return kUsage;
    }
    session.out << app.help();
  } catch (const CLI::ParseError& error) {
    session.err << "gateway: " << mistake_of(error, meant_command(app)) << '\n';
    return kUsage;
  }
  return session.status;
}

}  // namespace gateway::app
