#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/flags.h"
#include "app/cli/follow.h"
#include "app/cli/row_fields.h"
#include "app/cli/row_filter.h"
#include "app/cli/why_no_row.h"
#include "app/database.h"

namespace gateway::app {
namespace {

struct Flags {
  DatabaseFlags database;
  ListFlags list;
  RowFilter filter;
  bool follow = false;
};

Outcome list(Ledger& ledger, RowQuery query, const Flags& flags, Session& session) {
  Listing listing(session.out, flags.list.format, row_columns());
  query.limit = flags.list.limit;
  const auto done = ledger.rows(query, [&listing](const Row& row) {
    listing.add(row_cells(row));
    return true;
  });
  listing.end();
  if (!done) return done.error();
  if (listing.rows() > 0 || !query.request) return kFine;
  const auto reason = why_no_row(ledger, *query.request);
  if (!reason) return reason.error();
  session.err << "gateway: " << printable(*reason) << '\n';
  return kFine;
}

Outcome requests(const Flags& flags, Session& session) {
  const auto query = flags.filter.query(session.now());
  if (!query) return query.error();
  if (flags.follow && flags.list.format == Format::json)
    return usage_error("--follow: expected --format table, jsonl or csv");
  if (flags.follow && query->state == RowState::open) return usage_error("--follow: it shows rows that are closed");
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto store = open_store(*workspace, Need::read);
  if (!store) return store.error();
  if (query->project) {
    if (auto known = expect_project(*workspace, **store, *query->project); !known) return known.error();
  }
  if (!flags.follow) return list(**store, *query, flags, session);
  return follow_rows(**store, *query, flags.list, session);
}

}  // namespace

void add_requests(CLI::App& app, Session& session) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("requests", "List the ledger row by row, newest first");
  add_flags(*command, flags->database);
  add_flags(*command, flags->filter);
  command->add_flag("--follow", flags->follow, "Then go on: print each row once it is closed");
  add_flags(*command, flags->list);
  add_example(*command, "gateway requests --project demo --since 1h --state failed");
  command->callback([flags, &session] { finish(session, requests(*flags, session)); });
}

}  // namespace gateway::app
