#include "proxy/refused_meter.h"

#include <algorithm>
#include <chrono>

#include "base/prometheus.h"

namespace gateway {
namespace {

constexpr Duration kBetweenLines = std::chrono::seconds(1);

}  // namespace

std::size_t RefusedMeter::index(std::string_view reason) noexcept {
  const auto found = std::find(kReasons.begin(), kReasons.end() - 1, reason);
  return static_cast<std::size_t>(found - kReasons.begin());
}

std::string RefusedMeter::sample(std::string_view reason, TimePoint now) {
  const std::size_t at = index(reason);
  Meter& meter = meters_[at];
  const std::int64_t count = meter.count.fetch_add(1, std::memory_order_relaxed) + 1;
  const std::int64_t present = now.time_since_epoch().count();
  std::int64_t next = meter.next_line.load(std::memory_order_relaxed);
  if (present < next || !meter.next_line.compare_exchange_strong(next, present + kBetweenLines.count())) return {};
  const std::int64_t fresh = count - meter.reported.exchange(count, std::memory_order_relaxed);
  std::string line = "refused: ";
  line += kReasons[at];
  if (fresh > 1) line += ", " + std::to_string(fresh) + " since this was last logged; this is the latest";
  return line;
}

void RefusedMeter::write(std::string& out) const {
  prometheus::append_family(out, "gateway_refused_total", "counter",
                            "Requests and connections refused before anything was dispatched, by reason.");
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    out.append("gateway_refused_total{reason=\"").append(kReasons[i]).append("\"} ");
    out.append(std::to_string(meters_[i].count.load(std::memory_order_relaxed))).append("\n");
  }
}

}  // namespace gateway
