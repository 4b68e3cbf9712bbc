#include "app/cli/row_filter.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace gateway::app {

void add_flags(CLI::App& command, RowFilter& filter) {
  command.add_option("--project", filter.project, "Only this project's")->type_name("NAME");
  command.add_option("--key", filter.key, "Only this key's, by its id")->type_name("ID");
  command.add_option("--model", filter.model, "Only this model, as clients asked for it")->type_name("NAME");
  command.add_option("--provider", filter.provider, "Only this provider's")->type_name("NAME");
  command.add_option("--state", filter.state, "open, settled, failed, interrupted or adjustment")->type_name("STATE");
  command.add_option("--request", filter.request, "Only this request's, by the id in x-request-id")->type_name("ID");
  command.add_option("--since", filter.since, "Accepted from this moment on: a time, a day, 24h, 7d")
      ->type_name("WHEN");
  command.add_option("--until", filter.until, "Accepted before this moment, likewise")->type_name("WHEN");
}

Result<RowQuery> RowFilter::query(WallTime now) const {
  RowQuery result;
  result.project = project;
  result.key = key;
  result.model = model;
  result.provider = provider;
  if (state) {
    RowState wanted{};
    if (!parse(*state, wanted)) {
      return usage_error(
          fmt::format("--state: expected open, settled, failed, interrupted or adjustment, found '{}'", *state));
    }
    result.state = wanted;
  }
  if (request) {
    RequestId id;
    if (!RequestId::parse(*request, id)) {
      return usage_error(fmt::format("--request: expected an id such as x-request-id has, found '{}'", *request));
    }
    result.request = id;
  }
  if (since) {
    const auto moment = read_moment("--since", *since, now);
    if (!moment) return moment.error();
    result.since = *moment;
  }
  if (until) {
    const auto moment = read_moment("--until", *until, now);
    if (!moment) return moment.error();
    result.until = *moment;
  }
  return result;
}

}  // namespace gateway::app
