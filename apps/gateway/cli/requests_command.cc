#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <thread>

#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/cli/remote.h"
#include "app/cli/row_filter.h"
#include "app/render/request_line.h"
#include "app/render/row_fields.h"
#include "operations/catalogue.h"
#include "operations/follow.h"
#include "operations/requests.h"

namespace gateway::app {
namespace {

constexpr std::chrono::milliseconds kPause{300};

struct RequestsFlags {
  DatabaseFlags database;
  ListFlags list;
  RowTexts filter;
  RemoteFlags remote;
  bool follow = false;
  bool relative = false;
  bool by_request = false;
};

// With --relative the age is in the place of the moment.
Result<Listing> listing_of(const RequestsFlags& flags, std::vector<Column> columns, Session& session) {
  auto listing = open_listing(session, flags.list, std::move(columns));
  if (!listing || !flags.relative || !flags.list.columns.empty()) return listing;
  std::vector<std::string> names = listing->shown();
  std::replace(names.begin(), names.end(), std::string("accepted"), std::string("age"));
  if (auto chosen = listing->select(names); !chosen) return chosen.error();
  return listing;
}

// One line for each request, of those of its rows that match.
Outcome list_by_request(const OpenDeployment& opened, const RowQuery& query, const Zone& zone,
                        const RequestsFlags& flags, Session& session) {
  auto listing = listing_of(flags, request_columns(), session);
  if (!listing) return listing.error();
  const auto most = static_cast<std::size_t>(flags.list.limit);
  std::vector<Row> rows;  // of the request that is being read
  bool has_more = false;
  const auto answer = operations::list_requests(opened.deployment(), query, {.limit = 0}, [&](const Row& row) {
    if (!rows.empty() && rows.front().request != row.request) {
      listing->add(request_cells(rows, zone, opened.now));
      rows.clear();
    }
    has_more = most != 0 && listing->rows() == most;
    if (!has_more) rows.push_back(row);
    return !has_more;
  });
  if (!rows.empty()) listing->add(request_cells(rows, zone, opened.now));
  listing->end();
  if (!answer) return answer.error();
  if (has_more) session.err << fmt::format("gateway: {} shown, there are more; --limit 0 shows all\n", most);
  if (!answer->reason.empty()) session.err << "gateway: " << printable(answer->reason) << '\n';
  return kFine;
}

Outcome list(const OpenDeployment& opened, const RowQuery& query, const Zone& zone, const RequestsFlags& flags,
             Session& session) {
  auto listing = listing_of(flags, row_columns(), session);
  if (!listing) return listing.error();
  const auto answer =
      operations::list_requests(opened.deployment(), query, {.limit = flags.list.limit}, [&](const Row& row) {
        listing->add(row_cells(row, zone, opened.now));
        return true;
      });
  listing->end();
  if (!answer) return answer.error();
  if (answer->next)
    session.err << fmt::format("gateway: {} shown, there are more; --limit 0 shows all\n", answer->rows);
  if (!answer->reason.empty()) session.err << "gateway: " << printable(answer->reason) << '\n';
  return kFine;
}

// Prints the last rows, then each new one, until the process is interrupted or the store fails.
Outcome follow_rows(Ledger& ledger, const RowQuery& query, const Zone& zone, const RequestsFlags& flags,
                    Session& session) {
  operations::RowFollower follower(ledger, query);
  auto listing = listing_of(flags, row_columns(), session);
  if (!listing) return listing.error();
  Result<std::vector<Row>> rows = follower.start(flags.list.limit, session.now());
  for (;;) {
    if (!rows && rows.error().code != ErrorCode::unavailable) return rows.error();
    if (rows) {
      for (const Row& row : *rows) listing->add(row_cells(row, zone, session.now()));
      listing->flush();
      if (!session.out) return kFine;
    }
    std::this_thread::sleep_for(kPause);
    rows = follower.poll(session.now());
  }
}

Outcome requests(const RequestsFlags& flags, const Command& command, Session& session) {
  if (flags.remote.url)
    return list_remotely(command, operations::Id::list_requests, flags.remote, flags.list, row_columns(), session);
  auto query = read_row_query(flags.filter, "--", session.now());
  if (!query) return std::move(query).error();
  const auto zone = read_tz(flags.filter.tz, "--");
  if (!zone) return zone.error();
  if (flags.follow && flags.list.format == Format::json)
    return usage_error("--follow: expected --format table, jsonl or csv");
  if (flags.follow && query->state.values() == std::vector{RowState::open})
    return usage_error("--follow: it shows rows that are closed");
  const auto opened = open_deployment(flags.database, Need::read, session);
  if (!opened) return opened.error();
  if (auto known = operations::expect_projects(opened->deployment(), query->project); !known) return known.error();
  if (flags.by_request) return list_by_request(*opened, *query, *zone, flags, session);
  if (!flags.follow) return list(*opened, *query, *zone, flags, session);
  auto keys = operations::key_ids(opened->deployment(), query->key);
  if (!keys) return std::move(keys).error();
  query->key = std::move(*keys);
  return follow_rows(*opened->store, *query, *zone, flags, session);
}

}  // namespace

void add_requests(Command& app, Session& session) {
  auto flags = std::make_shared<RequestsFlags>();
  Command* command = app.add_subcommand("requests", "List the ledger row by row, newest first");
  add_flags(*command, flags->database);
  add_flags(*command, flags->remote);
  add_flags(*command, flags->filter);
  Flag* follow = command->add_flag("--follow", flags->follow, "Then go on: print each row once it is closed");
  command->add_flag("--by-request", flags->by_request, "One line for each request: its attempts taken together")
      ->excludes(follow);
  command->add_flag("--relative", flags->relative, "Show how long ago in the place of the moment");
  add_flags(*command, flags->list);
  add_example(*command, "gateway requests --project demo --since 1h --state failed");
  command->callback([flags, command, &session] { finish(session, requests(*flags, *command, session)); });
}

}  // namespace gateway::app
