#include "proxy/core_metrics.h"

#include <fmt/format.h>

#include <string>

#include "base/prometheus.h"
#include "proxy/metrics.h"

namespace gateway {
namespace {

void gauge(std::string& out, std::string_view name, std::string_view help, std::int64_t value) {
  prometheus::append_single(out, name, "gauge", help, value);
}

double dollars(Money m) { return static_cast<double>(m.units()) / 1e12; }

std::string labels_of(const TargetHealthView& target) {
  const std::string key = target.key.empty() ? "" : ",key=\"" + prometheus::escaped_label(target.key) + "\"";
  return fmt::format("provider=\"{}\",model=\"{}\"{}", prometheus::escaped_label(target.provider),
                     prometheus::escaped_label(target.model), key);
}

// Only targets in trouble.
void write_breakers(std::string& out, const std::vector<TargetHealthView>& health) {
  prometheus::append_family(out, "gateway_target_breaker", "gauge", "Circuit breakers: 0 closed, 1 half open, 2 open.");
  for (const TargetHealthView& target : health) {
    if (target.state == BreakerState::closed) continue;
    out += fmt::format("gateway_target_breaker{{{}}} {}\n", labels_of(target), static_cast<int>(target.state));
  }
  prometheus::append_family(out, "gateway_target_outlier", "gauge",
                            "1 while a target is tried after the others of its route, which do far better.");
  for (const TargetHealthView& target : health) {
    if (target.resting.count() == 0) continue;
    out += fmt::format("gateway_target_outlier{{{},why=\"{}\"}} 1\n", labels_of(target), to_string(target.outlier));
  }
}

}  // namespace

void write_core_metrics(std::string& out, const CoreStats& stats, const Snapshot& snapshot,
                        const std::vector<TargetHealthView>& health, WallTime wall) {
  gauge(out, "gateway_in_flight", "Exchanges that wait for an answer or get one.", stats.in_flight);
  gauge(out, "gateway_buffered_bytes", "Request bodies and gathered answers that are kept, in bytes.",
        stats.buffered_bytes);
  gauge(out, "gateway_ledger_queued", "Journal records not yet in the database.", stats.ledger_queued);
  gauge(out, "gateway_ledger_writable", "1 while the database takes rows.", stats.ledger_writable ? 1 : 0);
  gauge(out, "gateway_journal_damaged", "Journal records that could not be read.", stats.journal_damaged);
  gauge(out, "gateway_spend_threshold_warnings", "Soft thresholds of spend caps passed since the start.",
        stats.threshold_warnings);
  gauge(out, "gateway_draining", "1 while shutting down.", stats.draining ? 1 : 0);
  gauge(out, "gateway_staged_percent", "What a staged configuration serves, in percent; 0: none is.",
        stats.staged ? stats.staged->percent : 0);

  prometheus::append_family(out, "gateway_spend_usd", "gauge", "A project's spend caps: cap, spent, held.");
  for (const auto& [name, project] : snapshot.projects) {
    for (const Spend::CapView& cap : project.state->spend.views(project.config.spend, wall)) {
      const auto write = [&, &owner = name](std::string_view what, Money value) {
        out += fmt::format("gateway_spend_usd{{project=\"{}\",period=\"{}\",what=\"{}\"}} {}\n",
                           prometheus::escaped_label(owner), to_string(cap.period), what, dollars(value));
      };
      write("cap", cap.view.cap);
      write("spent", cap.view.spent);
      write("held", cap.view.held);
    }
  }
  write_breakers(out, health);
}

}  // namespace gateway
