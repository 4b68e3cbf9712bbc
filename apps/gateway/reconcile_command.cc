#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "base/time_text.h"
#include "gateway/command_line.h"
#include "gateway/database.h"
#include "gateway/flags.h"
#include "gateway/reconcile.h"

namespace gateway::app {
namespace {

constexpr std::chrono::days kDay{1};

struct Flags {
  DatabaseFlags database;
  ListFlags list{Format::table, 0};
  std::string provider = "openrouter";
  std::optional<std::string> day, since, until, file;
  std::string tolerance = "0";
  bool all = false;
  bool book = false;
};

// Whole UTC days. Without any flag: the last thirty that are over, as many as OpenRouter tells of.
Result<ReconcileRequest> make_request(const Flags& flags, WallTime now) {
  ReconcileRequest request;
  request.provider = flags.provider;
  request.file = flags.file;
  const WallTime today = std::chrono::floor<std::chrono::days>(now);
  request.since = today - 30 * kDay;
  request.until = today;
  const auto read = [&](std::string_view flag, const std::optional<std::string>& text, WallTime& into) -> Result<void> {
    if (!text) return {};
    const auto day = parse_day(*text);
    if (!day) return usage_error(fmt::format("{}: expected a day as 2026-11-22, found '{}'", flag, *text));
    into = *day;
    return {};
  };
  if (auto since = read("--since", flags.since, request.since); !since) return since.error();
  if (auto until = read("--until", flags.until, request.until); !until) return until.error();
  if (flags.day) {
    if (auto day = read("--day", flags.day, request.since); !day) return day.error();
    request.until = request.since + kDay;
  }
  return request;
}

void print(const std::vector<ReconciledLine>& lines, const Flags& flags, Session& session) {
  Listing listing(session.out, flags.list.format,
                  {{"day"},
                   {"model"},
                   {"ledger", true},
                   {"billed", true},
                   {"difference", true},
                   {"byok", true},
                   {"ledger_requests", true},
                   {"billed_requests", true},
                   {"ledger_input_tokens", true},
                   {"billed_input_tokens", true},
                   {"ledger_output_tokens", true},
                   {"billed_output_tokens", true},
                   {"open", true}});
  for (const ReconciledLine& line : lines) {
    listing.add({cell(line.day), cell(line.model), cell(line.ledger), cell(line.billed), cell(line.difference()),
                 cell(line.byok), cell(line.ledger_requests), cell(line.billed_requests), cell(line.ledger_input),
                 cell(line.billed_input), cell(line.ledger_output), cell(line.billed_output), cell(line.open)});
  }
  listing.end();
}

Outcome book(Store& store, const ReconcileRequest& request, const Reconciliation& found,
             const std::vector<ReconciledLine>& differences, Session& session) {
  const auto booking =
      plan_booking(store, {.provider = request.provider, .since = request.since, .until = request.until}, found.bill,
                   differences, 0, session.now());
  if (!booking) return booking.error();
  if (auto appended = store.append({.rows = booking->adjustments, .refusals = {}}); !appended) return appended.error();
  session.err << fmt::format("{} adjustments booked\n", booking->adjustments.size());
  for (const ReconciledLine& line : booking->impossible) {
    session.err << fmt::format("{} {}: the ledger has no row that {} USD could be booked to\n", line.day, line.model,
                               line.difference().to_string());
  }
  return booking->impossible.empty() ? kFine : kFinding;
}

// The day that is not over is in no bill yet: the key's own figure tells how it stands.
void tell_today(Store& store, const Workspace& workspace, const Flags& flags, Session& session) {
  const auto billed = spent_today(workspace.config, flags.provider);
  if (!billed) {
    session.err << billed.error().detail << '\n';
    return;
  }
  UsageQuery query;
  query.provider = flags.provider;
  query.since = std::chrono::floor<std::chrono::days>(session.now());
  const auto sums = store.usage(query);
  const MoneySum ledger = sums && !sums->empty() ? sums->front().cost : MoneySum{};
  session.err << fmt::format("today so far: ledger {} USD, {} {} USD\n", ledger.to_string(), flags.provider,
                             billed->to_string());
}

Outcome reconcile(const Flags& flags, Session& session) {
  const auto request = make_request(flags, session.now());
  if (!request) return request.error();
  const auto tolerance = Money::parse(flags.tolerance);
  if (!tolerance) return usage_error("--tolerance: " + tolerance.error().detail);
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto store = open_store(*workspace, flags.book ? Need::write : Need::read);
  if (!store) return store.error();
  const auto found = reconcile_with(**store, workspace->config, *request);
  if (!found) return found.error();
  const auto differences = differing(found->lines, *tolerance);
  print(flags.all ? found->lines : differences, flags, session);
  if (!flags.file && !flags.day && flags.list.format == Format::table) tell_today(**store, *workspace, flags, session);
  if (flags.book && !differences.empty()) return book(**store, *request, *found, differences, session);
  return differences.empty() ? kFine : kFinding;
}

}  // namespace

void add_reconcile(CLI::App& app, Session& session) {
  CLI::App& command = *app.add_subcommand(
      "reconcile", "Compare the ledger with a provider's own bill, per day and model; exit 1 where they differ");
  auto flags = std::make_shared<Flags>();
  add_flags(command, flags->database);
  add_flags(command, flags->list, false);
  command.add_option("--provider", flags->provider, "our name of the provider")->capture_default_str();
  command.add_option("--day", flags->day, "one UTC day, as 2026-11-22");
  command.add_option("--since", flags->since, "the first day");
  command.add_option("--until", flags->until, "the day behind the last; today, unless said");
  command.add_option("--file", flags->file,
                     "an exported bill (JSON, JSON lines or CSV) instead of asking the provider");
  command.add_option("--tolerance", flags->tolerance, "USD per line that do not matter")->capture_default_str();
  command.add_flag("--all", flags->all, "lines without a difference too");
  command.add_flag("--book", flags->book, "book the differences as adjustment rows");
  add_example(command, "gateway reconcile --day 2026-11-21 --tolerance 0.0001");
  command.callback([flags, &session] { finish(session, reconcile(*flags, session)); });
}

}  // namespace gateway::app
