#include "proxy/core_metrics.h"

#include <fmt/format.h>

#include <iterator>

namespace gateway {
namespace {

void gauge(std::string& out, std::string_view name, std::string_view help, std::int64_t value) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} gauge\n{0} {2}\n", name, help, value);
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

}  // namespace

void write_core_metrics(std::string& out, const CoreStats& stats, const Snapshot& snapshot, const HealthTable& health,
                        TimePoint now, WallTime wall) {
  gauge(out, "gateway_in_flight", "Exchanges that wait for an answer or get one.", stats.in_flight);
  gauge(out, "gateway_buffered_bytes", "Request bodies that are kept, in bytes.", stats.buffered_bytes);
  gauge(out, "gateway_ledger_queued", "Journal records not yet in the database.", stats.ledger_queued);
  gauge(out, "gateway_ledger_writable", "1 while the database takes rows.", stats.ledger_writable ? 1 : 0);
  gauge(out, "gateway_journal_damaged", "Journal records that could not be read.", stats.journal_damaged);
  gauge(out, "gateway_spend_threshold_warnings", "Soft thresholds of spend caps passed since the start.",
        stats.threshold_warnings);
  gauge(out, "gateway_draining", "1 while shutting down.", stats.draining ? 1 : 0);

  auto to = std::back_inserter(out);
  out += "# HELP gateway_spend_usd A project's spend caps: cap, spent, held.\n# TYPE gateway_spend_usd gauge\n";
  for (const auto& [name, project] : snapshot.projects) {
    for (const Spend::CapView& cap : project.state->spend.views(project.config.spend, wall)) {
      const auto write = [&, &owner = name](std::string_view what, Money value) {
        fmt::format_to(to, "gateway_spend_usd{{project=\"{}\",period=\"{}\",what=\"{}\"}} {}\n", owner,
                       to_string(cap.period), what, dollars(value));
      };
      write("cap", cap.view.cap);
      write("spent", cap.view.spent);
      write("held", cap.view.held);
    }
  }
  out +=
      "# HELP gateway_target_breaker Circuit breakers: 0 closed, 1 half open, 2 open.\n# TYPE gateway_target_breaker "
      "gauge\n";
  health.each([&](std::string_view provider, std::string_view model, const TargetHealth& target) {
    // Models are named by clients where a route takes any: only targets in trouble are shown.
    const int state = number_of(target.state(now));
    if (state > 0)
      fmt::format_to(to, "gateway_target_breaker{{provider=\"{}\",model=\"{}\"}} {}\n", provider, model, state);
  });
}

}  // namespace gateway
