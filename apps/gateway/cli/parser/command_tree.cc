#include "app/cli/parser/command_tree.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/cli/parser/command.h"
#include "app/render/json.h"

namespace gateway::app {
namespace {

constexpr std::string_view kExample = "Example:\n  ";

FlagInfo flag_info(const CLI::Option& option) {
  FlagInfo flag;
  for (const std::string& name : option.get_lnames()) flag.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) flag.names.push_back("-" + name);
  flag.is_argument = flag.names.empty();
  if (flag.is_argument) flag.names.push_back(option.get_name());
  flag.takes_value = option.get_type_size_max() > 0 && option.get_items_expected_max() > 0;
  flag.is_value_optional = flag.takes_value && option.get_items_expected_min() == 0 && !flag.is_argument;
  flag.is_required = option.get_required();
  if (flag.takes_value) flag.type = option.get_type_name();
  flag.help = option.get_description();
  flag.default_value = option.get_default_str();
  return flag;
}

CommandInfo describe(const Command& command, const std::string& before) {
  const CLI::App& app = command.parser();
  CommandInfo info;
  info.name = before + app.get_name();
  info.description = app.get_description();
  if (const std::string footer = app.get_footer(); footer.starts_with(kExample))
    info.example = footer.substr(kExample.size());
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    FlagInfo& flag = info.flags.emplace_back(flag_info(*option));
    for (const Flag& own : command.flags()) {
      if (&own.option() == option) flag.choices = own.choices();
    }
  }
  for (const auto& each : command.commands()) {
    if (!each->parser().get_group().empty()) info.commands.push_back(describe(*each, info.name + " "));
  }
  return info;
}

std::string texts_json(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(json::text(text));
  return json::list(quoted);
}

std::string flag_json(const FlagInfo& flag) {
  const auto text_or_null = [](const std::string& text) { return text.empty() ? json::null() : json::text(text); };
  return json::Object()
      .add("names", texts_json(flag.names))
      .add("argument", json::boolean(flag.is_argument))
      .add("type", text_or_null(flag.type))
      .add("required", json::boolean(flag.is_required))
      .add("default", text_or_null(flag.default_value))
      .add("choices", flag.choices.empty() ? json::null() : texts_json(flag.choices))
      .add("help", json::text(flag.help))
      .str();
}

}  // namespace

std::string CommandInfo::word() const { return name.substr(name.rfind(' ') + 1); }

const CommandInfo* CommandInfo::command(std::string_view wanted) const {
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [wanted](const CommandInfo& each) { return each.word() == wanted; });
  return found == commands.end() ? nullptr : &*found;
}

const FlagInfo* CommandInfo::flag(std::string_view wanted) const {
  const auto found = std::find_if(flags.begin(), flags.end(), [wanted](const FlagInfo& each) {
    return !each.is_argument && std::find(each.names.begin(), each.names.end(), wanted) != each.names.end();
  });
  return found == flags.end() ? nullptr : &*found;
}

CommandInfo describe(const Command& root) { return describe(root, ""); }

std::string help_json(const CommandInfo& command) {
  std::vector<std::string> flags, commands;
  for (const FlagInfo& flag : command.flags) flags.push_back(flag_json(flag));
  for (const CommandInfo& each : command.commands) commands.push_back(help_json(each));
  return json::Object()
      .add("name", json::text(command.name))
      .add("description", json::text(command.description))
      .add("example", command.example.empty() ? json::null() : json::text(command.example))
      .add("flags", json::list(flags))
      .add("commands", json::list(commands))
      .str();
}

}  // namespace gateway::app
