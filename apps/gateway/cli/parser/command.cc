#include "app/cli/parser/command.h"

#include <CLI/CLI.hpp>

namespace gateway::app {
namespace {

constexpr int kHelpColumn = 36;

CLI::Validator validator_of(Check check) { return CLI::Validator(std::move(check.run), ""); }

}  // namespace

Flag* Flag::check(Check check) {
  choices_ = check.choices;
  option_.transform(validator_of(std::move(check)));
  return this;
}

Flag* Flag::required() {
  option_.required();
  return this;
}

Flag* Flag::optional_value() {
  option_.expected(0, 1);
  return this;
}

Flag* Flag::one_value() {
  option_.allow_extra_args(false);
  return this;
}

Flag* Flag::capture_default_str() {
  option_.capture_default_str();
  return this;
}

Flag* Flag::excludes(const Flag* other) {
  option_.excludes(&other->option_);
  return this;
}

Flag* Flag::needs(const Flag* other) {
  option_.needs(&other->option_);
  return this;
}

Flag* Flag::hidden() {
  option_.group("");
  return this;
}

Command::Command(const std::string& name, const std::string& description)
    : root_(std::make_shared<CLI::App>(description, name)), app_(*root_) {
  app_.get_formatter()->column_width(kHelpColumn);
}

Command::~Command() = default;

Command* Command::add_subcommand(const std::string& name, const std::string& description) {
  return commands_.emplace_back(std::make_unique<Command>(*app_.add_subcommand(name, description))).get();
}

void Command::require_subcommand() { app_.require_subcommand(1); }

void Command::hide() { app_.group(""); }

void Command::footer(const std::string& text) { app_.footer(text); }

void Command::set_version_flag(const std::string& names, std::function<std::string()> text, const std::string& help) {
  app_.set_version_flag(names, std::move(text), help);
}

void Command::callback(std::function<void()> run) { app_.callback(std::move(run)); }

Flag* Command::keep(CLI::Option* option) { return &flags_.emplace_back(*option); }

template <class Value>
Flag* Command::add_option(const std::string& names, Value& into, const std::string& help, const std::string& type) {
  return keep(app_.add_option(names, into, help)->type_name(type));
}
template Flag* Command::add_option(const std::string&, std::string&, const std::string&, const std::string&);
template Flag* Command::add_option(const std::string&, std::vector<std::string>&, const std::string&,
                                   const std::string&);
template Flag* Command::add_option(const std::string&, std::int64_t&, const std::string&, const std::string&);
template Flag* Command::add_option(const std::string&, std::optional<std::string>&, const std::string&,
                                   const std::string&);
template Flag* Command::add_option(const std::string&, std::optional<std::int64_t>&, const std::string&,
                                   const std::string&);
template Flag* Command::add_option(const std::string&, std::optional<int>&, const std::string&, const std::string&);

Flag* Command::add_number(const std::string& names, std::function<void(std::int64_t)> take, const std::string& help,
                          const std::string& type) {
  return keep(app_.add_option_function<std::int64_t>(names, std::move(take), help)->type_name(type));
}

Flag* Command::add_flag(const std::string& names, bool& into, const std::string& help) {
  return keep(app_.add_flag(names, into, help));
}

Flag* Command::add_flag(const std::string& names, std::function<void()> take, const std::string& help) {
  return keep(app_.add_flag_callback(names, std::move(take), help));
}

std::size_t Command::count(const std::string& flag) const { return app_.count(flag); }

std::vector<std::pair<std::string, std::vector<std::string>>> Command::given() const {
  std::vector<std::pair<std::string, std::vector<std::string>>> given;
  for (const Flag& flag : flags_) {
    const CLI::Option& option = flag.option();
    if (option.count() > 0 && !option.get_lnames().empty())
      given.emplace_back(option.get_lnames().front(), option.results());
  }
  return given;
}

Result<void> set_default(Command& command, const std::string& flag, const std::string& text) {
  CLI::App& app = command.parser();
  if (CLI::Option* option = app.get_option_no_throw(flag); option != nullptr) {
    try {
      option->run_callback_for_default()->default_val(text);
    } catch (const CLI::ParseError& error) {
      const std::string line = error.what();
      return Error{ErrorCode::invalid, line.substr(std::min(line.find(':'), line.size()))};
    }
  }
  for (const auto& each : command.commands()) {
    if (auto set = set_default(*each, flag, text); !set) return set;
  }
  return {};
}

}  // namespace gateway::app
