#include "operations/readings.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "policy/pricing/forecast.h"

namespace gateway::operations {
namespace {

constexpr std::size_t kManyAttempts = 1000, kAttemptsASecond = 2500;
constexpr std::chrono::seconds kLongestHealth{8};

constexpr std::size_t kManyQuarters = 2000, kMaxQuarters = 300'000, kMaxHistories = 4;
constexpr std::chrono::minutes kHistoryLife{1}, kForecastStep{15};

// How long what is made of so many attempts is good for.
std::chrono::milliseconds life_of_health(std::size_t attempts) {
  if (attempts < kManyAttempts) return {};
  return std::min<std::chrono::milliseconds>(kLongestHealth,
                                             std::chrono::milliseconds(attempts * 1000 / kAttemptsASecond));
}

std::size_t quarters_of(const QuarterCosts& costs) {
  std::size_t count = 0;
  for (const auto& [project, quarters] : costs) count += quarters.size();
  return count;
}

bool is_same_quarter(WallTime a, WallTime b) {
  return a.time_since_epoch() / kForecastStep == b.time_since_epoch() / kForecastStep;
}

}  // namespace

Result<RecentHealth> Readings::recent_health(Ledger& ledger, WallTime now) {
  const std::lock_guard lock(health_mutex_);
  if (health_ && now >= health_at_ && now - health_at_ < life_of_health(attempts_.size())) return *health_;
  health_.reset();
  if (auto done = attempts_.read(ledger, now); !done) return std::move(done).error();
  health_ = attempts_.health(now);
  health_at_ = now;
  return *health_;
}

Result<QuarterCosts> Readings::forecast_history(Ledger& ledger, const std::vector<std::string>& projects,
                                                WallTime now) {
  const std::lock_guard lock(history_mutex_);
  std::erase_if(histories_, [now](const History& each) {
    return now < each.read_at || now - each.read_at >= kHistoryLife || !is_same_quarter(now, each.read_at);
  });
  const auto found = std::find_if(histories_.begin(), histories_.end(),
                                  [&projects](const History& each) { return each.projects == projects; });
  if (found != histories_.end()) return found->costs;
  auto costs = ledger.quarter_costs(projects, now - kForecastHistory, now);
  if (!costs) return costs;
  const std::size_t quarters = quarters_of(*costs);
  if (quarters < kManyQuarters || quarters > kMaxQuarters / kMaxHistories) return costs;
  if (histories_.size() == kMaxHistories) histories_.erase(histories_.begin());
  histories_.push_back({projects, now, *costs});
  return costs;
}

}  // namespace gateway::operations
