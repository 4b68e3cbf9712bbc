#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "app/background/reconcile.h"
#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/values/queries.h"
#include "base/time_text.h"
#include "billing/bill_days.h"

namespace gateway::app {
namespace {

constexpr std::chrono::days kDay{1};

struct ReconcileFlags {
  DatabaseFlags database;
  ListFlags list{Format::table, 0};
  std::string provider = "openrouter";
  std::optional<std::string> day, since, until, file, tz;
  std::string tolerance = "0";
  bool all = false;
  bool book = false;
};

// The days that were named, none of which is taken for one that it is not.
Result<ReconcileRequest> make_request(const ReconcileFlags& flags) {
  ReconcileRequest request{.provider = flags.provider, .file = flags.file};
  if (flags.tz && !flags.file) return usage_error("--tz: a provider's own bill has UTC days; it is for that of --file");
  auto zone = read_tz(flags.tz, "--");
  if (!zone) return std::move(zone).error();
  request.zone = std::move(*zone);
  const auto read = [&](std::string_view flag, const std::string& text) -> Result<CalendarBounds> {
    if (const auto day = parse_day_of(text, request.zone)) return *day;
    return usage_error(fmt::format("{}: expected a day as 2026-11-22, found '{}'", flag, text));
  };
  if (flags.day) {
    if (flags.since || flags.until) return usage_error("--day is one day; --since and --until are for several");
    const auto day = read("--day", *flags.day);
    if (!day) return day.error();
    request.since = day->start;
    request.until = day->end;
  }
  if (flags.since) {
    const auto day = read("--since", *flags.since);
    if (!day) return day.error();
    request.since = day->start;
  }
  if (flags.until) {
    const auto day = read("--until", *flags.until);
    if (!day) return day.error();
    request.until = day->start;
  }
  if (request.since && request.until && *request.since >= *request.until) {
    return usage_error(
        fmt::format("--since {} must be before --until {}, the day after the last", *flags.since, *flags.until));
  }
  return request;
}

// A provider's answer has the days that are over, and not for long: of any other it reports nothing.
Result<void> keep_to_bill(ReconcileRequest& request, Session& session) {
  const WallTime end = std::chrono::floor<std::chrono::days>(session.now());
  const WallTime begin = end - kDaysOfBill;
  if (request.since.value_or(begin) >= end || request.until.value_or(end) <= begin) {
    return usage_error(
        fmt::format("the provider's bill has the last {} UTC days that are over, {} to {}: for others give an exported "
                    "one by --file",
                    kDaysOfBill.count(), day_text(begin), day_text(end - kDay)));
  }
  if (request.since && *request.since < begin) {
    session.err << fmt::format("days before {} are left out: the provider's bill no longer has them\n",
                               day_text(begin));
    request.since = begin;
  }
  if (request.until && *request.until > end) {
    session.err << fmt::format("days from {} on are left out: they are not over\n", day_text(end));
    request.until = end;
  }
  return {};
}

// In the configuration, or in the ledger: a bill in a file may be of a provider that is configured no more.
Result<void> check_provider_of_file(Ledger& ledger, const Config& config, const ReconcileFlags& flags) {
  const auto found = provider_of(config, flags.provider);
  if (found || found.error().code != ErrorCode::not_found) return {};
  UsageQuery query;
  query.provider = flags.provider;
  const auto sums = ledger.usage(query);
  if (!sums) return sums.error();
  if (!sums->empty() && sums->front().attempts > 0) return {};
  return usage_error("--provider: " + found.error().detail);
}

// What the command line names, before the database is looked for.
Result<void> check_source(const Config& config, const ReconcileFlags& flags) {
  if (flags.file) return check_bill(*flags.file);
  const auto provider = openrouter_of(config, flags.provider, "bill: give an exported one by --file");
  return provider ? Result<void>() : Result<void>(provider.error());
}

Result<void> print(const std::vector<ReconciledLine>& lines, const ReconcileFlags& flags, Session& session) {
  auto listing = open_listing(session, flags.list,
                              {{"day"},
                               {"model"},
                               {"ledger", true},
                               {"billed", true},
                               {"difference", true},
                               {"byok", true},
                               {"ledger_byok", true},
                               {"ledger_requests", true},
                               {"billed_requests", true},
                               {"ledger_input_tokens", true},
                               {"billed_input_tokens", true},
                               {"ledger_output_tokens", true},
                               {"billed_output_tokens", true},
                               {"open", true}});
  if (!listing) return listing.error();
  for (const ReconciledLine& line : lines) {
    listing->add({cell(line.day), cell(line.model), cell(line.ledger), cell(line.billed), cell(line.difference()),
                  cell(line.byok), cell(line.ledger_byok), cell(line.ledger_requests), cell(line.billed_requests),
                  cell(line.ledger_input), cell(line.billed_input), cell(line.ledger_output), cell(line.billed_output),
                  cell(line.open)});
  }
  listing->end();
  return {};
}

Outcome book(Ledger& ledger, const Reconciliation& found, const std::vector<ReconciledLine>& differences,
             Session& session) {
  if (found.bill.empty()) return Error{ErrorCode::refused, "the bill has no line at all: nothing is booked"};
  const auto booking = plan_booking(ledger, found.query, found.bill, differences, 0, session.now());
  if (!booking) return booking.error();
  if (auto appended = ledger.append({.rows = booking->adjustments, .refusals = {}}); !appended) return appended.error();
  session.err << fmt::format("{} adjustments booked\n", booking->adjustments.size());
  for (const auto& [line, reason] : booking->not_booked) {
    session.err << fmt::format("{} {}: {} USD not booked: {}\n", line.day, line.model, line.difference().to_string(),
                               reason);
  }
  return booking->not_booked.empty() ? kFine : kFinding;
}

// What the table does not show of the days that were compared.
void tell_days(const std::vector<ReconciledLine>& lines, Session& session) {
  const auto pruned = std::count_if(lines.begin(), lines.end(), [](const ReconciledLine& line) { return line.pruned; });
  if (pruned > 0) {
    session.err << fmt::format("days whose rows were pruned are compared as a whole, as model {}: {}\n", kAllModels,
                               pruned);
  }
  const bool none =
      std::none_of(lines.begin(), lines.end(), [](const ReconciledLine& line) { return line.billed_day; });
  if (!lines.empty() && none) session.err << "the bill has no line of these days\n";
}

// The day that is not over is in no bill yet: the key's own figure shows it so far.
void tell_today(Ledger& ledger, const Workspace& workspace, const ReconcileFlags& flags, Session& session) {
  const auto billed = spent_today(workspace.config, flags.provider);
  if (!billed) {
    session.err << billed.error().detail << '\n';
    return;
  }
  UsageQuery query;
  query.provider = flags.provider;
  query.since = std::chrono::floor<std::chrono::days>(session.now());
  const auto sums = ledger.usage(query);
  const MoneySum spent = sums && !sums->empty() ? sums->front().cost - sums->front().upstream_cost : MoneySum{};
  session.err << fmt::format("today so far: ledger {} USD, {} {} USD\n", spent.to_string(), flags.provider,
                             billed->to_string());
}

Outcome reconcile(const ReconcileFlags& flags, Session& session) {
  auto request = make_request(flags);
  if (!request) return request.error();
  const auto tolerance = Money::parse(flags.tolerance);
  if (!tolerance) return usage_error("--tolerance: " + tolerance.error().detail);
  if (tolerance->is_negative()) return usage_error("--tolerance: it must not be negative");
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  if (auto sound = check_source(workspace->config, flags); !sound) return sound.error();
  const auto store = open_store(*workspace, flags.book ? Need::write : Need::read);
  if (!store) return store.error();
  if (flags.file) {
    if (auto known = check_provider_of_file(**store, workspace->config, flags); !known) return known.error();
  } else if (auto kept = keep_to_bill(*request, session); !kept) {
    return kept.error();
  }
  const auto found = reconcile_with(**store, workspace->config, *request, session.now());
  if (!found) return found.error();
  const auto differences = differing(found->lines, *tolerance);
  if (auto printed = print(flags.all ? found->lines : differences, flags, session); !printed) return printed.error();
  tell_days(found->lines, session);
  if (!flags.file && !flags.day && flags.list.format == Format::table) tell_today(**store, *workspace, flags, session);
  if (flags.book && !differences.empty()) return book(**store, *found, differences, session);
  return differences.empty() ? kFine : kFinding;
}

}  // namespace

void add_reconcile(Command& app, Session& session) {
  Command& command = *app.add_subcommand(
      "reconcile", "Compare the ledger with a provider's own bill, per day and model; exit 1 if they differ");
  auto flags = std::make_shared<ReconcileFlags>();
  add_flags(command, flags->database);
  add_flags(command, flags->list, false);
  command.add_option("--provider", flags->provider, "our name of the provider")->capture_default_str();
  command.add_option("--day", flags->day, "one UTC day, as 2026-11-21");
  command.add_option("--since", flags->since, "the first day; unless said, thirty days ago, or the file's first");
  command.add_option("--until", flags->until, "the day after the last; unless said, today, or as far as the file goes");
  command.add_option("--tz", flags->tz,
                     "with --file: the time zone whose days the bill has, such as Europe/Berlin; UTC unless said",
                     "ZONE");
  command.add_option("--file", flags->file,
                     "an exported bill (JSON, JSON lines or CSV) instead of asking the provider; without days, those "
                     "that it has lines of are compared");
  command.add_option("--tolerance", flags->tolerance, "USD per line that do not matter")->capture_default_str();
  command.add_flag("--all", flags->all, "lines without a difference too");
  command.add_flag("--book", flags->book, "book the differences of days that are over as adjustment rows");
  add_example(command, "gateway reconcile --day 2026-11-21 --tolerance 0.0001");
  command.callback([flags, &session] { finish(session, reconcile(*flags, session)); });
}

}  // namespace gateway::app
