#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "app/background/catalogue_files.h"
#include "app/background/ledger_sweep.h"
#include "app/cli/command_group.h"
#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/cli/row_filter.h"
#include "app/open_store.h"
#include "app/render/counted.h"
#include "app/render/ledger.h"
#include "app/render/row_fields.h"
#include "base/time_text.h"
#include "operations/ledger.h"
#include "operations/reprice.h"
#include "operations/snapshot.h"

namespace gateway::app {
namespace {

struct LedgerFlags {
  DatabaseFlags database;
  ListFlags list{Format::jsonl, 0};
  RowTexts filter;
  std::string before;
  ListFlags sums{Format::table, 0};
  bool json = false;
  bool dry_run = false;
};

Outcome verify(const LedgerFlags& flags, Session& session) {
  const auto opened = open_deployment(flags.database, Need::read, session);
  if (!opened) return opened.error();
  const auto proof = operations::verify_ledger(opened->deployment());
  if (!proof) return proof.error();
  if (flags.json) {
    session.out << proof_json(*proof) << '\n';
  } else {
    for (const std::string& finding : proof->findings) session.out << finding << '\n';
    const std::string pruned = proof->pruned_before ? ", pruned before " + day_text(*proof->pruned_before) : "";
    session.out << fmt::format("{}: {} in {} and {}{}\n", opened->workspace.database,
                               proof->findings.empty() ? "all holds" : counted(proof->findings.size(), "finding"),
                               counted(proof->rows, "row"), counted(proof->accounts, "account"), pruned);
  }
  return proof->findings.empty() ? kFine : kFinding;
}

Outcome export_rows(const LedgerFlags& flags, Session& session) {
  const auto query = read_row_query(flags.filter, "--", session.now());
  if (!query) return query.error();
  const auto zone = read_tz(flags.filter.tz, "--");
  if (!zone) return zone.error();
  const auto opened = open_deployment(flags.database, Need::read, session);
  if (!opened) return opened.error();
  auto listing = open_listing(session, flags.list, row_columns());
  if (!listing) return listing.error();
  const auto done =
      operations::export_rows(opened->deployment(), *query, {.limit = flags.list.limit}, [&](const Row& row) {
        listing->add(row_cells(row, *zone));
        return static_cast<bool>(session.out);
      });
  listing->end();
  if (!done) return done.error();
  if (!session.out) return Error{ErrorCode::unavailable, "the export could not be written"};
  return kFine;
}

// Reads the journals of the workspace, and reports those that are damaged.
operations::Sweep sweep_of(const Workspace& workspace, Session& session) {
  return [&workspace, &session](Store& store) -> Result<operations::SweepAnswer> {
    if (auto claimed = claim_journal_directory(workspace.config, workspace.database); !claimed) return claimed.error();
    auto done = sweep_ledger(store, journal_directory(workspace.config, workspace.database), session.now());
    if (!done) return done;
    for (const std::string& path : done->unreadable) {
      session.err << fmt::format("gateway: journal {} is damaged: nothing in it could be read\n", path);
    }
    return done;
  };
}

Outcome sweep(const LedgerFlags& flags, Session& session) {
  const auto opened = open_deployment(flags.database, Need::write, session);
  if (!opened) return opened.error();
  const auto done = operations::sweep_ledger(opened->deployment(), sweep_of(opened->workspace, session));
  if (!done) return done.error();
  const SweepReport& report = done->report;
  if (flags.json) {
    session.out << sweep_json(*done) << '\n';
  } else {
    session.out << fmt::format("{}: {} from journals, {} closed for {} USD held, {}\n",
                               counted(report.processes, "dead process", "dead processes"),
                               counted(report.replayed, "row"), counted(report.closed, "open row"),
                               report.held.to_string(), counted(report.damaged, "damaged record"));
  }
  return done->is_sound() ? kFine : kFinding;
}

Outcome prune(const LedgerFlags& flags, Session& session) {
  const auto moment = read_moment("--before", flags.before, session.now());
  if (!moment) return moment.error();
  const auto midnight = operations::prune_midnight("--before", *moment, flags.before, session.now());
  if (!midnight) return midnight.error();
  const auto opened = open_deployment(flags.database, Need::write, session);
  if (!opened) return opened.error();
  const auto pruned = operations::prune_ledger(opened->deployment(), *midnight, sweep_of(opened->workspace, session));
  if (!pruned) return pruned.error();
  if (flags.json) {
    session.out << prune_json(*pruned) << '\n';
  } else {
    session.out << fmt::format("{} rows before {} deleted; their sums stay\n", pruned->deleted, day_text(*midnight));
  }
  return kFine;
}

Outcome reprice_rows(const LedgerFlags& flags, Session& session) {
  if (!flags.dry_run)
    return usage_error("rows keep the prices they were priced with; --dry-run reports what they would cost today");
  auto query = read_row_query(flags.filter, "--", session.now());
  if (!query) return std::move(query).error();
  const auto opened = open_deployment(flags.database, Need::read, session);
  if (!opened) return opened.error();
  const auto warn = [&session](const std::string& line) { session.err << "gateway: " << line << '\n'; };
  const auto snapshot =
      operations::make_snapshot_of(opened->deployment(), kept_catalogues(opened->workspace.database, warn));
  if (!snapshot) return snapshot.error();
  auto keys = operations::key_ids(opened->deployment(), query->key);
  if (!keys) return std::move(keys).error();
  query->key = std::move(*keys);
  const auto models = operations::reprice(*opened->store, *query, **snapshot);
  if (!models) return models.error();
  auto listing = open_listing(session, flags.sums, reprice_columns());
  if (!listing) return listing.error();
  for (const operations::RepricedModel& each : *models) listing->add(reprice_cells(each));
  listing->end();
  return kFine;
}

}  // namespace

void add_ledger(Command& app, Session& session) {
  auto flags = std::make_shared<LedgerFlags>();
  Command* group = app.add_subcommand("ledger", "Prove, export, prune, sweep and reprice the ledger");
  group->require_subcommand();
  const auto add = adder_to(*group, flags, session);
  const auto add_json = [&](Command* command) { command->add_flag("--json", flags->json, "Print one JSON document"); };

  add_json(add("verify", "Prove that rows, sums and balances agree; exit 1 if they do not", "gateway ledger verify",
               verify));
  Command* export_command =
      add("export", "Print all rows with all their fields, oldest first",
          "gateway ledger export --since 2026-11-01 --until 2026-12-01 --format csv > november.csv", export_rows);
  add_flags(*export_command, flags->filter);
  add_flags(*export_command, flags->list);
  Command* prune_command = add("prune", "Delete closed rows of past days; all sums stay exact",
                               "gateway ledger prune --before 2026-01-01", prune);
  prune_command
      ->add_option("--before", flags->before,
                   "Rows accepted before this UTC day, at the latest today: 2026-01-01, or 90d ago", "DAY")
      ->required();
  add_json(prune_command);
  add_json(add("sweep", "Replay the journals of processes that died, and close the rows they left open",
               "gateway ledger sweep", sweep));
  Command* reprice_command =
      add("reprice",
          "Report what the rows that we priced would cost at today's prices; changes nothing. Rows do not "
          "record images and audio parts: their tokens are in the new cost, prices of their own are not",
          "gateway ledger reprice --dry-run --since 30d", reprice_rows);
  add_flags(*reprice_command, flags->filter);
  add_flags(*reprice_command, flags->sums, false);
  reprice_command->add_flag("--dry-run", flags->dry_run, "Required: rows keep the prices they were priced with");
}

}  // namespace gateway::app
