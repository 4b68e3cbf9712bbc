#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>
#include <set>

#include "app/cli/command_line.h"
#include "app/cli/explain.h"
#include "app/cli/flags.h"
#include "app/cli/json_out.h"
#include "app/cli/ledger_reprice.h"
#include "app/cli/ledger_sweep.h"
#include "app/cli/row_fields.h"
#include "app/cli/row_filter.h"
#include "app/database.h"
#include "app/open_store.h"
#include "base/time_text.h"

namespace gateway::app {
namespace {

struct Flags {
  DatabaseFlags database;
  ListFlags list{Format::jsonl, 0};
  RowFilter filter;
  std::string before;
  ListFlags sums{Format::table, 0};
  bool json = false;
  bool dry_run = false;
};

Outcome verify(const Flags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto store = open_store(*workspace, Need::read);
  if (!store) return store.error();
  const auto proof = (*store)->verify();
  if (!proof) return proof.error();
  if (flags.json) {
    std::vector<std::string> findings;
    for (const std::string& finding : proof->findings) findings.push_back(json::text(finding));
    session.out << json::Object()
                       .add("ok", json::boolean(findings.empty()))
                       .add("rows", json::number(proof->rows))
                       .add("accounts", json::number(proof->accounts))
                       .add("pruned_before", json::optional(proof->pruned_before, json::time))
                       .add("findings", json::list(findings))
                       .str()
                << '\n';
  } else {
    for (const std::string& finding : proof->findings) session.out << finding << '\n';
    const std::string pruned = proof->pruned_before ? ", pruned before " + day_text(*proof->pruned_before) : "";
    session.out << fmt::format(
        "{}: {} in {} rows and {} accounts{}\n", workspace->database,
        proof->findings.empty() ? "all holds" : fmt::format("{} findings", proof->findings.size()), proof->rows,
        proof->accounts, pruned);
  }
  return proof->findings.empty() ? kFine : kFinding;
}

Outcome export_rows(const Flags& flags, Session& session) {
  auto query = flags.filter.query(session.now());
  if (!query) return query.error();
  query->newest_first = false;
  query->limit = flags.list.limit;
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto store = open_store(*workspace, Need::read);
  if (!store) return store.error();
  Listing listing(session.out, flags.list.format, row_columns());
  const auto done = (*store)->rows(*query, [&](const Row& row) {
    listing.add(row_cells(row));
    return static_cast<bool>(session.out);
  });
  listing.end();
  if (!done) return done.error();
  if (!session.out) return Error{ErrorCode::unavailable, "the export could not be written"};
  return kFine;
}

Result<LedgerSweep> sweep_workspace(const Workspace& workspace, Store& store, Session& session) {
  if (auto claimed = claim_journal_directory(workspace.config, workspace.database); !claimed) return claimed.error();
  auto done = sweep_ledger(store, journal_directory(workspace.config, workspace.database), session.now());
  if (!done) return done;
  for (const std::string& path : done->unreadable) {
    session.err << fmt::format("gateway: journal {} is damaged: nothing in it could be read\n", path);
  }
  return done;
}

Outcome sweep(const Flags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto store = open_store(*workspace, Need::write);
  if (!store) return store.error();
  const auto done = sweep_workspace(*workspace, **store, session);
  if (!done) return done.error();
  const SweepReport& report = done->report;
  if (flags.json) {
    session.out << json::Object()
                       .add("processes", json::number(static_cast<std::int64_t>(report.processes)))
                       .add("replayed", json::number(static_cast<std::int64_t>(report.replayed)))
                       .add("closed", json::number(static_cast<std::int64_t>(report.closed)))
                       .add("damaged", json::number(static_cast<std::int64_t>(report.damaged)))
                       .add("held", json::money(report.held))
                       .str()
                << '\n';
  } else {
    session.out << fmt::format(
        "{} dead processes: {} rows from journals, {} open rows closed for {} USD held, {} damaged "
        "records\n",
        report.processes, report.replayed, report.closed, report.held.to_string(), report.damaged);
  }
  return done->unreadable.empty() && report.damaged == 0 ? kFine : kFinding;
}

Outcome prune(const Flags& flags, Session& session) {
  const auto moment = read_moment("--before", flags.before, session.now());
  if (!moment) return moment.error();
  const WallTime midnight = std::chrono::floor<std::chrono::days>(*moment);
  if (midnight > session.now()) {
    return usage_error(fmt::format("--before: expected a day that is not to come, at the latest today, {}, found '{}'",
                                   day_text(session.now()), flags.before));
  }
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto store = open_store(*workspace, Need::write);
  if (!store) return store.error();
  if (auto swept = sweep_workspace(*workspace, **store, session); !swept) return swept.error();
  const auto pruned = (*store)->prune(midnight, session.now());
  if (!pruned) return pruned.error();
  if (flags.json) {
    session.out << json::Object().add("before", json::time(midnight)).add("deleted", json::number(*pruned)).str()
                << '\n';
  } else {
    session.out << fmt::format("{} rows before {} deleted; their sums stay\n", *pruned, day_text(midnight));
  }
  return kFine;
}

Cell texts(const std::set<std::string, std::less<>>& values) {
  return cell(std::vector<std::string>(values.begin(), values.end()));
}

Outcome reprice_rows(const Flags& flags, Session& session) {
  if (!flags.dry_run)
    return usage_error("rows keep the prices they were priced with; --dry-run tells what they would cost today");
  const auto query = flags.filter.query(session.now());
  if (!query) return query.error();
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto store = open_store(*workspace, Need::read);
  if (!store) return store.error();
  const auto snapshot = make_snapshot_of(*workspace, store->get(), session);
  if (!snapshot) return Error{ErrorCode::refused, snapshot.error().detail};
  const auto models = reprice(**store, *query, **snapshot);
  if (!models) return models.error();
  Listing listing(session.out, flags.sums.format,
                  {{"provider"},
                   {"model"},
                   {"rows", true},
                   {"unpriced", true},
                   {"cost", true},
                   {"cost_now", true},
                   {"difference", true},
                   {"price_versions"},
                   {"price_versions_now"}});
  for (const RepricedModel& each : *models) {
    listing.add({cell(each.provider), cell(each.model), cell(each.rows), cell(each.unpriced), cell(each.cost),
                 cell(each.now), cell(each.difference()), texts(each.versions), texts(each.versions_now)});
  }
  listing.end();
  return kFine;
}

}  // namespace

void add_ledger(CLI::App& app, Session& session) {
  auto flags = std::make_shared<Flags>();
  CLI::App* group = app.add_subcommand("ledger", "Prove, export, prune, sweep and reprice the ledger");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* description, const char* example, auto run_it) {
    CLI::App* command = group->add_subcommand(name, description);
    add_flags(*command, flags->database);
    add_example(*command, example);
    command->callback([flags, &session, run_it] { finish(session, run_it(*flags, session)); });
    return command;
  };
  const auto add_json = [&](CLI::App* command) { command->add_flag("--json", flags->json, "Print one JSON document"); };

  add_json(add("verify", "Prove that rows, sums and balances agree; exit 1 where they do not", "gateway ledger verify",
               verify));
  CLI::App* export_command =
      add("export", "Print all rows with all their fields, oldest first",
          "gateway ledger export --since 2026-11-01 --until 2026-12-01 --format csv > november.csv", export_rows);
  add_flags(*export_command, flags->filter);
  add_flags(*export_command, flags->list);
  CLI::App* prune_command = add("prune", "Delete closed rows of past days; all sums stay exact",
                                "gateway ledger prune --before 2026-01-01", prune);
  prune_command
      ->add_option("--before", flags->before,
                   "Rows accepted before this UTC day, at the latest today: 2026-01-01, or 90d ago")
      ->required()
      ->type_name("DAY");
  add_json(prune_command);
  add_json(add("sweep", "Replay the journals of processes that died, and close the rows they left open",
               "gateway ledger sweep", sweep));
  CLI::App* reprice_command =
      add("reprice",
          "Tell what the rows that we priced would cost at today's prices; changes nothing. Rows do not "
          "tell images and audio parts: their tokens are in the new cost, prices of their own are not",
          "gateway ledger reprice --dry-run --since 30d", reprice_rows);
  add_flags(*reprice_command, flags->filter);
  add_flags(*reprice_command, flags->sums, false);
  reprice_command->add_flag("--dry-run", flags->dry_run, "Required: rows keep the prices they were priced with");
}

}  // namespace gateway::app
