#include "app/background/nightly.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/cli/json_out.h"
#include "app/cli/reconcile.h"
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

std::string line_json(const ReconciledLine& line) {
  return json::Object()
      .add("day", json::text(line.day))
      .add("model", json::text(line.model))
      .add("ledger", json::money(line.ledger))
      .add("billed", json::money(line.billed))
      .add("difference", json::money(line.difference()))
      .add("byok", json::money(line.byok))
      .add("ledger_byok", json::money(line.ledger_byok))
      .add("ledger_requests", json::number(line.ledger_requests))
      .add("billed_requests", json::number(line.billed_requests))
      .add("open", json::number(line.open))
      .str();
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
    before = found_;
  }
  std::vector<Found> all;
  std::int64_t failures = 0;
  for (const ProviderConfig& provider : config.providers) {
    if (!has_bill(provider)) continue;
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
  failures_ += failures;
  if (failures == 0 && !all.empty()) last_success_ = wall_now();
  found_ = std::move(all);
}

void NightlyReconciliation::reconcile_one(const Config& config, Found& found, const std::stop_token& stop) const {
  const WallTime until = std::chrono::floor<std::chrono::days>(wall_now());
  const ReconcileRequest request{found.provider, std::nullopt, until - kDays * kDay, until};
  const auto store = open_store(database_, {.create = false, .read_only = true});
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
}

void NightlyReconciliation::tell(const Found& found) const {
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

std::string NightlyReconciliation::json() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> providers;
  for (const Found& found : found_) {
    std::vector<std::string> lines;
    for (const ReconciledLine& line : found.lines) lines.push_back(line_json(line));
    providers.push_back(json::Object()
                            .add("provider", json::text(found.provider))
                            .add("finished", json::time(found.finished))
                            .add("error", found.trouble.empty() ? json::null() : json::text(found.trouble))
                            .add("since", json::time(found.since))
                            .add("until", json::time(found.until))
                            .add("ledger", json::money(found.ledger))
                            .add("billed", json::money(found.billed))
                            .add("difference", json::money(found.billed - found.ledger))
                            .add("absolute_difference", json::money(absolute_difference(found.lines)))
                            .add("differences", json::list(lines))
                            .str());
  }
  return json::Object()
      .add("last_success", json::time(last_success_))
      .add("failures", json::number(failures_))
      .add("providers", json::list(providers))
      .str();
}

std::string NightlyReconciliation::metrics() const {
  const std::lock_guard lock(mutex_);
  constexpr std::string_view kDifference = "gateway_reconcile_difference_usd";
  constexpr std::string_view kSuccess = "gateway_reconcile_last_success_timestamp_seconds";
  constexpr std::string_view kFailures = "gateway_reconcile_failures_total";
  std::string out =
      described(kDifference, "gauge",
                "What bill and ledger of the last days differ by, added up over days and models without signs.");
  for (const Found& found : found_) {
    if (found.until != WallTime{})
      out += sample(kDifference, found.provider, absolute_difference(found.lines).to_string());
  }
  const auto success = std::chrono::floor<std::chrono::seconds>(last_success_.time_since_epoch()).count();
  out += described(kSuccess, "gauge", "When all bills could be compared last; 0: never.");
  out += fmt::format("{} {}\n", kSuccess, success);
  out += described(kFailures, "counter", "Bills that could not be compared.");
  out += fmt::format("{} {}\n", kFailures, failures_);
  return out;
}

}  // namespace gateway::app
