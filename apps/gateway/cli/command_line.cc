#include "app/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>
#include <string_view>

#include "app/cli/command_tree.h"
#include "app/cli/completion.h"
#include "app/cli/manual.h"
#include "app/render/openapi.h"
#include "app/version.h"
#include "base/nearest.h"

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

// Of a letter that is no flag: the only long flag that begins with it. Any other letter is as near as any.
std::string long_flag_of(const std::string& letter, const std::vector<std::string>& known) {
  std::vector<std::string> meant;
  for (const std::string& flag : known) {
    if (flag.starts_with("--" + letter.substr(1))) meant.push_back(flag);
  }
  return meant.size() == 1 ? "; did you mean '" + meant.front() + "'?" : std::string();
}

// The first word, as typed, that the command does not take.
std::string unknown_word(const std::vector<std::string>& typed, const std::vector<std::string>& left_over,
                         const CLI::App& command) {
  const auto first = std::find_first_of(typed.begin(), typed.end(), left_over.begin(), left_over.end());
  const std::string word = first != typed.end() ? *first : left_over.front();
  if (!word.starts_with('-')) return "unexpected argument '" + word + "'";
  const std::string flag = word.substr(0, word.find('='));
  const std::vector<std::string> known = flags_of(command);
  if (std::find(known.begin(), known.end(), flag) != known.end()) return "flag '" + flag + "' must follow the command";
  return "unknown flag '" + flag + "'" + (flag.size() == 2 ? long_flag_of(flag, known) : suggestion(flag, known));
}

// The words that may stand where the unknown one does. Some are no commands of their own, see rewrite().
std::vector<std::string> words_after(const CLI::App& root, const CLI::App& command,
                                     const std::vector<std::string>& typed) {
  std::vector<std::string> words;
  for (const CLI::App* each : command.get_subcommands({})) words.push_back(each->get_name());
  if (&command == &root) words.insert(words.end(), {"help", "version"});
  if (&command == &root && typed.front() == "help") words.insert(words.end(), {"openapi", "man"});
  return words;
}

std::string mistake_of(const CLI::Error& error, const CLI::App& root, const Meant& meant,
                       const std::vector<std::string>& typed) {
  const bool takes_command = !meant.command->get_subcommands({}).empty();
  const std::vector<std::string> rest = meant.command->remaining();
  // What was mistyped is reported before what is missing because of it.
  std::vector<std::string> flags = root.remaining(true);
  std::erase_if(flags, [](const std::string& word) { return !word.starts_with('-'); });
  std::string line = error.what();
  if (!flags.empty()) {
    line = unknown_word(typed, flags, *meant.command);
  } else if (!rest.empty() && !takes_command) {
    line = unknown_word(typed, rest, *meant.command);
  } else if (takes_command) {
    line = rest.empty() ? "expected a command"
                        : "no command '" + rest.front() + "'" +
                              suggestion(rest.front(), words_after(root, *meant.command, typed));
  }
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line + (line.back() == '?' ? " See '" : "; see '") + meant.name + " --help'";
}

// `key create --name --json` lacks the name: a flag is never another one's value.
void refuse_flags_as_values(CLI::App& app) {
  const CLI::Validator no_flag([](std::string& value) { return value.starts_with("--") ? "its value is missing" : ""; },
                               "");
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() > 0 && option->get_type_size_max() > 0) option->check(no_flag);
  }
  for (CLI::App* command : app.get_subcommands({})) refuse_flags_as_values(*command);
}

// GATEWAY_FORMAT is the format of all lists that no flag gives another.
Result<void> set_format(CLI::App& app, const std::string& format) {
  if (CLI::Option* option = app.get_option_no_throw("--format"); option != nullptr) {
    try {
      option->run_callback_for_default()->default_val(format);
    } catch (const CLI::ParseError& error) {
      std::string line = error.what();
      return Error{ErrorCode::invalid, "GATEWAY_FORMAT" + line.substr(std::min(line.find(':'), line.size()))};
    }
  }
  for (CLI::App* command : app.get_subcommands({})) {
    if (auto set = set_format(*command, format); !set) return set;
  }
  return {};
}

// What is made from the table of commands or of operations; false if the arguments mean something else.
bool print_document(CLI::App& app, const std::vector<std::string>& arguments, Session& session) {
  const std::size_t count = arguments.size();
  if (count == 0) return false;
  if (arguments.front() == "__complete") {
    print_completion(complete(describe(app), {arguments.begin() + 1, arguments.end()}, session), session);
    return true;
  }
  if (arguments.front() == "__pages" && count == 2) {
    const auto written = write_pages(describe(app), arguments[1]);
    finish(session, written ? Outcome(kFine) : Outcome(written.error()));
    return true;
  }
  if (arguments.front() != "help" || count < 2) return false;
  if (arguments[1] == "openapi" && count == 2) {
    session.out << openapi_yaml();
    return true;
  }
  if (arguments[1] == "--json" && count == 2) {
    session.out << help_json(describe(app)) << '\n';
    return true;
  }
  if (arguments[1] != "man" || count > 3) return false;
  for (const ManualPage& page : manual_pages(describe(app))) {
    if (count == 2) session.out << page.name << '\n';
    if (count == 3 && page.name == arguments[2]) return static_cast<bool>(session.out << page.text);
  }
  if (count == 2) return true;
  finish(session, Error{ErrorCode::invalid, "no page '" + arguments[2] + "'; 'gateway help man' lists them"});
  return true;
}

// Words that are no commands of their own: `gateway help key create` is `gateway key create --help`.
void rewrite(std::vector<std::string>& arguments) {
  if (arguments.empty()) return;
  if (arguments.front() == "version") arguments.front() = "--version";
  if (arguments.front() != "help") return;
  arguments.erase(arguments.begin());
  if (arguments == std::vector<std::string>{"help"} || arguments == std::vector<std::string>{"version"})
    arguments.clear();
  arguments.emplace_back("--help");
}

}  // namespace

int run(std::vector<std::string> arguments, Session& session) {
  CLI::App app{"An LLM gateway: projects, keys, limits, spend caps and an exact ledger in front of any provider",
               "gateway"};
  const auto version_text = [] { return "gateway " + program_version() + "\n" + library_versions(); };
  app.set_version_flag("-v,--version", version_text, "Print the version; 'gateway version' too");
  app.footer(
      "'gateway help COMMAND' explains a command; 'gateway help --json' prints all commands as JSON, 'gateway help man "
      "PAGE' a manual page, 'gateway help openapi' the administration's OpenAPI.");
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  add_serve(app, session);
  add_open(app, session);
  add_reload(app, session);
  add_check(app, session);
  add_config(app, session);
  add_explain(app, session);
  add_simulate(app, session);
  add_diff(app, session);
  add_project(app, session);
  add_key(app, session);
  add_usage(app, session);
  add_requests(app, session);
  add_request(app, session);
  add_budget(app, session);
  add_why(app, session);
  add_init(app, session);
  add_doctor(app, session);
  add_sample(app, session);
  add_chat(app, session);
  add_top(app, session);
  add_completion(app, session);
  add_ledger(app, session);
  add_prices(app, session);
  add_reconcile(app, session);
  add_mcp(app, session);
  refuse_flags_as_values(app);

  session.status = kFine;
  if (const auto format = session.environment("GATEWAY_FORMAT"); format && !format->empty()) {
    if (auto known = set_format(app, *format); !known) {
      finish(session, known.error());
      return session.status;
    }
  }
  session.json_errors = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
  if (print_document(app, arguments, session)) return session.status;
  const std::vector<std::string> typed = arguments;
  rewrite(arguments);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForVersion& version) {
    session.out << version.what() << '\n';
  } catch (const CLI::Success& help) {
    if (const Meant meant = meant_command(app); is_unknown(meant)) {
      print_error(session, mistake_of(help, app, meant, typed), to_string(ErrorCode::invalid));
      return kUsage;
    }
    session.out << app.help();
  } catch (const CLI::ParseError& error) {
    print_error(session, mistake_of(error, app, meant_command(app), typed), to_string(ErrorCode::invalid));
    return kUsage;
  }
  return session.status;
}

}  // namespace gateway::app
