#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/cli/remote.h"
#include "app/cli/row_filter.h"
#include "app/cli/screen.h"
#include "app/cli/usage_trends.h"
#include "app/cli/watch.h"
#include "app/render/usage_fields.h"
#include "app/values/queries.h"
#include "operations/catalogue.h"
#include "operations/usage.h"

namespace gateway::app {
namespace {

struct UsageFlags {
  DatabaseFlags database;
  ListFlags list;
  UsageTexts filter;
  TrendFlags trends;
  RemoteFlags remote;
  WatchFlag watch;
};

// `changes` is null unless views follow each other.
Outcome show_usage(const UsageFlags& flags, Session& session, Changes* changes) {
  const auto request = read_usage_query(flags.filter, "--", session.now());
  if (!request) return request.error();
  const UsageQuery& query = request->query;
  const auto opened = open_deployment(flags.database, Need::read, session);
  if (!opened) return opened.error();
  const Screen screen = screen_of(session);
  if (flags.trends.chart) {
    const auto chart = usage_chart(opened->deployment(), query, flags.trends.ascii, screen.columns, screen.colour);
    if (!chart) return chart.error();
    session.out << *chart;
    return kFine;
  }
  auto answer = operations::usage(opened->deployment(), query, {.limit = flags.list.limit}, request->shape);
  if (!answer) return answer.error();
  const auto trends = Trends::read(opened->deployment(), query, flags.trends, answer->total);
  if (!trends) return trends.error();
  std::vector<Column> columns = usage_columns(query.by);
  for (Column& column : trends->columns()) columns.push_back(std::move(column));
  auto listing = open_listing(session, flags.list, std::move(columns));
  if (!listing) return listing.error();
  if (changes != nullptr) changes->next();
  const auto cells_of = [&](const UsageSum& sum) {
    std::vector<Cell> cells = usage_cells(sum);
    for (Cell& each : trends->cells(sum, flags.list.format)) cells.push_back(std::move(each));
    if (changes != nullptr) changes->mark(sum.key, cells, screen.colour);
    return cells;
  };
  for (const UsageSum& sum : answer->sums) listing->add(cells_of(sum));
  UsageSum& total = answer->total;
  total.key.assign(query.by.size(), "");
  if (!total.key.empty()) total.key.front() = "total";
  const std::vector<Cell> total_cells = cells_of(total);
  listing->end(answer->all > 1 ? &total_cells : nullptr);
  report_truncation(session, flags.list, answer->all);
  return kFine;
}

Outcome run_usage(const UsageFlags& flags, const Command& command, Session& session) {
  if (flags.remote.url) {
    const auto query = read_usage_query(flags.filter, "--", session.now());
    if (!query) return query.error();
    return list_remotely(command, operations::Id::usage, flags.remote, flags.list, usage_columns(query->query.by),
                         session);
  }
  if (flags.filter.top && (flags.trends.spark || flags.trends.compare || flags.trends.chart))
    return usage_error("--top: not with --spark, --compare or --chart");
  const bool is_json = flags.list.format == Format::json;
  if (flags.trends.chart && flags.list.format != Format::table) return usage_error("--chart: expected --format table");
  if (flags.watch.every && is_json) return usage_error("--watch: expected --format table, jsonl, csv or markdown");
  if (!flags.watch.every) return show_usage(flags, session, nullptr);
  Changes changes;
  return watch(*flags.watch.every, session, [&](Session& inner) { return show_usage(flags, inner, &changes); });
}

}  // namespace

void add_usage(Command& app, Session& session) {
  auto flags = std::make_shared<UsageFlags>();
  Command* command = app.add_subcommand("usage", "Sum the ledger: requests, tokens, cost; today included");
  add_flags(*command, flags->database);
  add_flags(*command, flags->remote);
  add_flags(*command, flags->filter);
  add_flags(*command, flags->trends);
  add_flags(*command, flags->watch);
  add_flags(*command, flags->list);
  add_example(*command, "gateway usage --since 7d --by day,project --tz Europe/Berlin --format csv");
  command->callback([flags, command, &session] { finish(session, run_usage(*flags, *command, session)); });
}

}  // namespace gateway::app
