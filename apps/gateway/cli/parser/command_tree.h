// The command line as data: what `help --json`, the manual pages and completion are made from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gateway::app {

class Command;  // app/cli/parser/command.h

struct FlagInfo {
  std::vector<std::string> names;  // "--config", "-c"; of an argument its name alone
  bool is_argument = false;        // found by its position
  bool takes_value = true;
  bool is_value_optional = false;
  bool is_required = false;
  std::string type;  // "FILE"; empty: takes no value
  std::string help;
  std::string default_value;         // empty: none
  std::vector<std::string> choices;  // empty: any
};

struct CommandInfo {
  std::string name;  // "gateway key create"
  std::string description;
  std::string example;  // a command line; empty: none
  std::vector<FlagInfo> flags;
  std::vector<CommandInfo> commands;

  std::string word() const;  // the last of its name
  const CommandInfo* command(std::string_view word) const;
  const FlagInfo* flag(std::string_view name) const;
};

// Without what is hidden.
CommandInfo describe(const Command& root);
std::string help_json(const CommandInfo& command);

}  // namespace gateway::app
