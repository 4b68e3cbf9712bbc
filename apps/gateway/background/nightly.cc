#include "app/background/nightly.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/background/reconcile.h"
#include "app/clock.h"
#include "app/open_store.h"
#include "base/prometheus.h"

namespace gateway::app {
namespace {

constexpr std::chrono::minutes kAfterStart{1};
constexpr std::chrono::minutes kRunAt{2 * 60 + 30};
constexpr std::chrono::days kDay{1};
constexpr int kDays = 3;

bool has_bill(const ProviderConfig& provider) {
  return provider.type == ProviderType::openrouter && !provider.management_key.empty();
}

// A label's value: Prometheus text format 0.0.4. Names of providers need no escapes.
std::string sample(std::string_view name, std::string_view provider, std::string_view value) {
  return fmt::format("{}{{provider=\"{}\"}} {}\n", name, provider, value);
}

std::string described(std::string_view name, std::string_view type, std::string_view help) {
  std::string out;
  prometheus::append_family(out, name, type, help);
  return out;
}

}  // namespace

WallTime next_night(WallTime now) {
  const WallTime today = std::chrono::floor<std::chrono::days>(now) + kRunAt;
  return today > now ? today : today + kDay;
}

NightlyReconciliation::NightlyReconciliation(Options options)
    : database_(std::move(options.database)),
      log_(std::move(options.log)),
      every_(options.every),
      config_(std::move(options.config)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void NightlyReconciliation::use(const Config& config) {
  const std::lock_guard lock(mutex_);
  config_ = config;
}

void NightlyReconciliation::run(const std::stop_token& stop) {
  WallTime next = wall_now() + every_.value_or(kAfterStart);
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_until(lock, stop, std::chrono::system_clock::time_point(next), [] { return false; });
    }
    if (stop.stop_requested()) return;
    reconcile_all(stop);
    next = every_ ? wall_now() + *every_ : next_night(wall_now());
  }
}

void NightlyReconciliation::reconcile_all(const std::stop_token& stop) {
  Config config;
  std::vector<Found> before;
  {
    const std::lock_guard lock(mutex_);
    config = config_;
    before = report_.bills;
  }
  std::vector<Found> all;
  std::int64_t failures = 0;
  for (const ProviderConfig& provider : config.providers) {
    if (!config.reconcile.nightly || !has_bill(provider)) continue;
    const auto old =
        std::find_if(before.begin(), before.end(), [&](const Found& f) { return f.provider == provider.name; });
    Found found = old != before.end() ? *old : Found{};
    found.provider = provider.name;
    reconcile_one(config, found, stop);
    if (stop.stop_requested()) return;
    failures += found.trouble.empty() ? 0 : 1;
    tell(found);
    all.push_back(std::move(found));
  }
  const std::lock_guard lock(mutex_);
  report_.failures += failures;
  if (failures == 0 && !all.empty()) report_.last_success = wall_now();
  report_.bills = std::move(all);
}

void NightlyReconciliation::reconcile_one(const Config& config, Found& found, const std::stop_token& stop) const {
  const WallTime until = std::chrono::floor<std::chrono::days>(wall_now());
  const ReconcileRequest request{found.provider, std::nullopt, until - kDays * kDay, until};
  const auto store = open_store(database_, {.create = false, .read_only = !config.reconcile.book});
  auto done =
      store ? reconcile_with(**store, config, request, wall_now(), stop) : Result<Reconciliation>(store.error());
  found.finished = wall_now();
  found.trouble = done ? "" : done.error().detail;
  if (!done) return;
  found.since = done->query.since;
  found.until = done->query.until;
  found.ledger = found.billed = MoneySum{};
  for (const ReconciledLine& line : done->lines) {
    found.ledger += line.ledger;
    found.billed += line.billed;
  }
  found.lines = differing(done->lines, MoneySum{});
  found.booked = 0;
  if (!config.reconcile.book || found.lines.empty()) return;
  if (const auto booked = book(**store, *done, found); !booked)
    found.trouble = "the differences could not be booked: " + booked.error().detail;
}

Result<void> NightlyReconciliation::book(Ledger& ledger, const Reconciliation& done, Found& found) {
  ReconcileQuery query = done.query;
  query.covers = BillCovers::range;
  const auto booking = plan_booking(ledger, query, done.bill, found.lines, 0, wall_now());
  if (!booking) return booking.error();
  if (auto appended = ledger.append({.rows = booking->adjustments, .refusals = {}}); !appended) return appended;
  found.booked = booking->adjustments.size();
  found.lines.clear();
  for (const Row& row : booking->adjustments) found.ledger += row.cost;
  for (const NotBooked& each : booking->not_booked) found.lines.push_back(each.line);
  return {};
}

void NightlyReconciliation::tell(const Found& found) const {
  if (log_ && found.booked > 0) {
    log_({LogLevel::info,
          fmt::format("the bill of {} differed from the ledger: {} adjustments booked", found.provider, found.booked),
          {},
          nullptr});
  }
  if (!log_ || (found.trouble.empty() && found.lines.empty())) return;
  const std::string message =
      found.trouble.empty()
          ? fmt::format(
                "the bill of {} differs from the ledger by {} USD in absolute terms, in {} of its lines; "
                "'gateway reconcile' shows them",
                found.provider, absolute_difference(found.lines).to_string(), found.lines.size())
          : fmt::format("the ledger could not be reconciled with {}: {}", found.provider, found.trouble);
  log_({LogLevel::warning, message, {}, nullptr});
}

operations::ReconciliationReport NightlyReconciliation::report() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

std::string NightlyReconciliation::metrics() const {
  const std::lock_guard lock(mutex_);
  constexpr std::string_view kDifference = "gateway_reconcile_difference_usd";
  constexpr std::string_view kSuccess = "gateway_reconcile_last_success_timestamp_seconds";
  constexpr std::string_view kFailures = "gateway_reconcile_failures_total";
  std::string out =
      described(kDifference, "gauge",
                "What bill and ledger of the last days differ by, added up over days and models without signs.");
  for (const Found& found : report_.bills) {
    if (found.until != WallTime{})
      out += sample(kDifference, found.provider, absolute_difference(found.lines).to_string());
  }
  const auto success = std::chrono::floor<std::chrono::seconds>(report_.last_success.time_since_epoch()).count();
  out += described(kSuccess, "gauge", "When all bills could be compared last; 0: never.");
  out += fmt::format("{} {}\n", kSuccess, success);
  out += described(kFailures, "counter", "Bills that could not be compared.");
  out += fmt::format("{} {}\n", kFailures, report_.failures);
  return out;
}

}  // namespace gateway::app
