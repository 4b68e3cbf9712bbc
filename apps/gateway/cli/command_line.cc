#include "app/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>
#include <string_view>

#include "app/version.h"
#include "config/nearest.h"

namespace gateway::app {
namespace {

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

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  const std::string_view near = nearest(word, names);
  return near.empty() ? std::string() : "; did you mean '" + std::string(near) + "'?";
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    for (const std::string& name : option->get_snames()) flags.push_back("-" + name);
  }
  return flags;
}

// The first word, as typed, that the command does not take.
std::string unknown_word(const std::vector<std::string>& typed, const std::vector<std::string>& left_over,
                         const CLI::App& command) {
  const auto first = std::find_first_of(typed.begin(), typed.end(), left_over.begin(), left_over.end());
  const std::string word = first != typed.end() ? *first : left_over.front();
  if (!word.starts_with('-')) return "unexpected argument '" + word + "'";
  const std::string flag = word.substr(0, word.find('='));
  return "unknown flag '" + flag + "'" + suggestion(flag, flags_of(command));
}

std::string mistake_of(const CLI::Error& error, const CLI::App& root, const Meant& meant,
                       const std::vector<std::string>& typed) {
  std::vector<std::string> known;
  for (const CLI::App* command : meant.command->get_subcommands({})) known.push_back(command->get_name());
  const std::vector<std::string> rest = meant.command->remaining();
  // What was mistyped is reported before what is missing because of it.
  std::vector<std::string> flags = root.remaining(true);
  std::erase_if(flags, [](const std::string& word) { return !word.starts_with('-'); });
  std::string line = error.what();
  if (!flags.empty()) {
    line = unknown_word(typed, flags, *meant.command);
  } else if (!rest.empty() && known.empty()) {
    line = unknown_word(typed, rest, *meant.command);
  } else if (!known.empty()) {
    line = rest.empty() ? "expected a command" : "no command '" + rest.front() + "'" + suggestion(rest.front(), known);
  }
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line + (line.back() == '?' ? " See '" : "; see '") + meant.name + " --help'";
}

// Words that are no commands of their own: `gateway help key create` is `gateway key create --help`.
void rewrite(std::vector<std::string>& arguments) {
  if (arguments.empty()) return;
  if (arguments.front() == "version") arguments.front() = "--version";
  if (arguments.front() != "help") return;
  arguments.erase(arguments.begin());
  arguments.emplace_back("--help");
}

}  // namespace

int run(std::vector<std::string> arguments, Session& session) {
  CLI::App app{"An LLM gateway: projects, keys, limits, spend caps and an exact ledger in front of any provider",
               "gateway"};
  const auto version_text = [] { return "gateway " + program_version() + "\n" + library_versions(); };
  app.set_version_flag("-v,--version", version_text, "Print the version; 'gateway version' too");
  app.footer("'gateway help COMMAND' explains a command.");
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  add_serve(app, session);
  add_check(app, session);
  add_config(app, session);
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
  rewrite(arguments);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForVersion& version) {
    session.out << version.what() << '\n';
  } catch (const CLI::Success& help) {
    if (const Meant meant = meant_command(app); is_unknown(meant)) {
      session.err << "gateway: " << mistake_of(help, app, meant, arguments) << '\n';
      return kUsage;
    }
    session.out << app.help();
  } catch (const CLI::ParseError& error) {
    session.err << "gateway: " << mistake_of(error, app, meant_command(app), arguments) << '\n';
    return kUsage;
  }
  return session.status;
}

}  // namespace gateway::app
