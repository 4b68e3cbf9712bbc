#include "proxy/core_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/prometheus.h"
#include "proxy/metrics.h"

namespace gateway {
namespace {

void gauge(std::string& out, std::string_view name, std::string_view help, std::int64_t value) {
  prometheus::append_single(out, name, "gauge", help, value);
}

double dollars(Money m) { return static_cast<double>(m.units()) / 1e12; }

// 0: closed, 1: half open, 2: open.
int number_of(TargetHealth::State state) noexcept {
  switch (state) {
    case TargetHealth::State::closed:
      return 0;
    case TargetHealth::State::half_open:
      return 1;
    case TargetHealth::State::open:
      return 2;
  }
  return 0;
}

// Names that the configuration has; clients make up others, where a route takes any.
std::set<std::pair<std::string_view, std::string_view>> configured_targets(const Snapshot& snapshot) {
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const RouteConfig& route : snapshot.router.routes()) {
    for (const TargetConfig& target : route.targets) {
      if (!target.model.empty()) {
        names.emplace(target.provider, target.model);
      } else if (!route.pattern.ends_with('*')) {
        names.emplace(target.provider, route.pattern);
      }
    }
  }
  return names;
}

// Only targets in trouble. Those that no configuration names are one line a provider, "*": the worst of them.
void write_breakers(std::string& out, const Snapshot& snapshot, const HealthTable& health, TimePoint now) {
  prometheus::append_family(out, "gateway_target_breaker", "gauge", "Circuit breakers: 0 closed, 1 half open, 2 open.");
  const auto names = configured_targets(snapshot);
  std::map<std::pair<std::string, std::string>, int> troubled;
  health.each([&](std::string_view provider, std::string_view model, const TargetHealth& target) {
    const int state = number_of(target.worst_state(now));
    if (state == 0) return;
    const bool named = names.contains({provider, model});
    int& worst = troubled[{std::string(provider), named ? std::string(model) : "*"}];
    worst = std::max(worst, state);
  });
  for (const auto& [target, state] : troubled) {
    fmt::format_to(std::back_inserter(out), "gateway_target_breaker{{provider=\"{}\",model=\"{}\"}} {}\n",
                   prometheus::escaped_label(target.first), prometheus::escaped_label(target.second), state);
  }
}

}  // namespace

void write_core_metrics(std::string& out, const CoreStats& stats, const Snapshot& snapshot, const HealthTable& health,
                        TimePoint now, WallTime wall) {
  gauge(out, "gateway_in_flight", "Exchanges that wait for an answer or get one.", stats.in_flight);
  gauge(out, "gateway_buffered_bytes", "Request bodies and gathered answers that are kept, in bytes.",
        stats.buffered_bytes);
  gauge(out, "gateway_ledger_queued", "Journal records not yet in the database.", stats.ledger_queued);
  gauge(out, "gateway_ledger_writable", "1 while the database takes rows.", stats.ledger_writable ? 1 : 0);
  gauge(out, "gateway_journal_damaged", "Journal records that could not be read.", stats.journal_damaged);
  gauge(out, "gateway_spend_threshold_warnings", "Soft thresholds of spend caps passed since the start.",
        stats.threshold_warnings);
  gauge(out, "gateway_draining", "1 while shutting down.", stats.draining ? 1 : 0);

  auto to = std::back_inserter(out);
  prometheus::append_family(out, "gateway_spend_usd", "gauge", "A project's spend caps: cap, spent, held.");
  for (const auto& [name, project] : snapshot.projects) {
    for (const Spend::CapView& cap : project.state->spend.views(project.config.spend, wall)) {
      const auto write = [&, &owner = name](std::string_view what, Money value) {
        fmt::format_to(to, "gateway_spend_usd{{project=\"{}\",period=\"{}\",what=\"{}\"}} {}\n",
                       prometheus::escaped_label(owner), to_string(cap.period), what, dollars(value));
      };
      write("cap", cap.view.cap);
      write("spent", cap.view.spent);
      write("held", cap.view.held);
    }
  }
  write_breakers(out, snapshot, health, now);
}

}  // namespace gateway
