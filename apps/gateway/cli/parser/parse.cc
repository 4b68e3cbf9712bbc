#include "app/cli/parser/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

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

// `words`: what else may stand in a command's place.
std::string mistake_of(const CLI::Error& error, const CLI::App& root, const Meant& meant,
                       const std::vector<std::string>& typed, const std::vector<std::string>& words) {
  std::vector<std::string> known;
  for (const CLI::App* command : meant.command->get_subcommands({})) known.push_back(command->get_name());
  const bool takes_command = !known.empty();
  if (meant.command == &root) known.insert(known.end(), words.begin(), words.end());
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
    line = rest.empty() ? "expected a command" : "no command '" + rest.front() + "'" + suggestion(rest.front(), known);
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

}  // namespace

Result<std::string> parse(Command& root, const std::vector<std::string>& arguments,
                          const std::vector<std::string>& words) {
  CLI::App& app = root.parser();
  const auto mistake = [&](const CLI::Error& error, const Meant& meant) {
    return Error{ErrorCode::invalid, mistake_of(error, app, meant, arguments, words)};
  };
  refuse_flags_as_values(app);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForVersion& version) {
    return std::string(version.what()) + '\n';
  } catch (const CLI::Success& help) {
    if (const Meant meant = meant_command(app); is_unknown(meant)) return mistake(help, meant);
    return app.help();
  } catch (const CLI::ParseError& error) {
    return mistake(error, meant_command(app));
  }
  return std::string();
}

}  // namespace gateway::app
