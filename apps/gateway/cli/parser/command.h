// Commands with their flags, as the files that implement them declare them. What parses a command line by them, CLI11,
// is known in this folder alone: each file that includes it takes seconds longer to compile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "app/cli/parser/check.h"
#include "gateway/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace gateway::app {

// A flag, or an argument, which is found by its position. It belongs to its command.
class Flag {
 public:
  explicit Flag(CLI::Option& option) : option_(option) {}

  Flag* check(Check check);
  Flag* required();
  Flag* optional_value();       // the flag alone is an empty text
  Flag* one_value();            // and is given again for another one
  Flag* capture_default_str();  // --help prints what the variable has now
  Flag* excludes(const Flag* other);
  Flag* needs(const Flag* other);
  Flag* hidden();  // not in --help

  const CLI::Option& option() const noexcept { return option_; }
  const std::vector<std::string>& choices() const noexcept { return choices_; }

 private:
  CLI::Option& option_;
  std::vector<std::string> choices_;
};

class Command {
 public:
  Command(const std::string& name, const std::string& description);  // the program itself
  explicit Command(CLI::App& app) : app_(app) {}
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  Command* add_subcommand(const std::string& name, const std::string& description);
  void require_subcommand();
  void hide();  // it is not listed
  // Shown below --help.
  void footer(const std::string& text);
  void set_version_flag(const std::string& names, std::function<std::string()> text, const std::string& help);
  // Called once the command line is read, if it is this command's.
  void callback(std::function<void()> run);

  // `names`: "-c,--config", or of an argument its own. `type`: of the value, "FILE". The variable is set when the
  // command line is read, and outlives the command; it is a std::string, a list of them, an integer or an optional one
  // of these.
  template <class Value>
  Flag* add_option(const std::string& names, Value& into, const std::string& help, const std::string& type = "TEXT");
  // By its position, which enum_of() makes of a word.
  template <class Enum>
  requires std::is_enum_v<Enum> Flag* add_option(const std::string& names, Enum& into, const std::string& help,
                                                 const std::string& type) {
    return add_number(
        names, [&into](std::int64_t position) { into = static_cast<Enum>(position); }, help, type);
  }
  Flag* add_number(const std::string& names, std::function<void(std::int64_t)> take, const std::string& help,
                   const std::string& type);
  Flag* add_flag(const std::string& names, bool& into, const std::string& help);
  Flag* add_flag(const std::string& names, std::function<void()> take, const std::string& help);

  // How often the flag was given.
  std::size_t count(const std::string& flag) const;
  // The flags that were given, without hyphens, with their values.
  std::vector<std::pair<std::string, std::vector<std::string>>> given() const;

  CLI::App& parser() const noexcept { return app_; }
  const std::list<Flag>& flags() const noexcept { return flags_; }
  const std::vector<std::unique_ptr<Command>>& commands() const noexcept { return commands_; }

 private:
  Flag* keep(CLI::Option* option);

  std::shared_ptr<CLI::App> root_;  // the program's own; of its commands null
  CLI::App& app_;
  std::list<Flag> flags_;
  std::vector<std::unique_ptr<Command>> commands_;
};

// What a flag has, unless it is given, in all commands that have it. Errors: invalid, without the flag's name.
Result<void> set_default(Command& command, const std::string& flag, const std::string& text);

}  // namespace gateway::app
