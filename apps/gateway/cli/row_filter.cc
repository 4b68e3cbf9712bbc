#include "app/cli/row_filter.h"

#include "app/cli/parser/command.h"

#include <algorithm>

#include "operations/catalogue.h"

namespace gateway::app {
namespace {

// Adds a parameter of an operation as a flag of the same name, with hyphens.
class FilterFlags {
 public:
  FilterFlags(Command& command, operations::Id operation) : command_(command), operation_(operation) {}

  void add(std::string_view name, std::optional<std::string>& into, const char* type) {
    command_.add_option(flag(name), into, help(name), type);
  }
  // May be repeated.
  Flag* add(std::string_view name, std::vector<std::string>& into, const char* type) {
    return command_.add_option(flag(name), into, help(name), type)->one_value();
  }

  void add_names(FilterTexts& filter) {
    add("project", filter.project, "NAME");
    add("key", filter.key, "KEY");
    add("model", filter.model, "NAME");
    add("served_model", filter.served_model, "NAME");
    add("provider", filter.provider, "NAME");
    add("endpoint", filter.endpoint, "LIST");
  }

 private:
  static std::string flag(std::string_view name) {
    std::string text = "--" + std::string(name);
    std::replace(text.begin(), text.end(), '_', '-');
    return text;
  }
  std::string help(std::string_view name) const { return std::string(operations::parameter_of(operation_, name).help); }

  Command& command_;
  operations::Id operation_;
};

}  // namespace

void add_flags(Command& command, RowTexts& filter) {
  FilterFlags flags(command, operations::Id::list_requests);
  flags.add_names(filter);
  flags.add("state", filter.state, "LIST");
  flags.add("code", filter.code, "LIST");
  flags.add("status", filter.status, "LIST");
  flags.add("min_cost", filter.min_cost, "USD");
  flags.add("min_duration", filter.min_duration, "LENGTH");
  flags.add("flag", filter.flag, "LIST");
  flags.add("streamed", filter.streamed, "TRUE");
  flags.add("request", filter.request, "ID");
  flags.add("since", filter.since, "WHEN");
  flags.add("until", filter.until, "WHEN");
  flags.add("tz", filter.tz, "ZONE");
}

void add_flags(Command& command, UsageTexts& filter) {
  FilterFlags flags(command, operations::Id::usage);
  flags.add_names(filter);
  flags.add("code", filter.code, "LIST");
  flags.add("since", filter.since, "WHEN");
  flags.add("until", filter.until, "WHEN");
  flags.add("by", filter.by, "LIST")->capture_default_str();
  flags.add("tz", filter.tz, "ZONE");
  flags.add("order", filter.order, "ORDER");
  flags.add("top", filter.top, "N");
}

}  // namespace gateway::app
