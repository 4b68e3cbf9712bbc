// What many ask for again and again, such as the pages of open dashboards: read once for all of them.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/ledger.h"
#include "operations/health_windows.h"

namespace gateway::operations {

// Thread-safe; whoever asks while another reads waits for it. What takes few rows is read anew each time, so that it is
// of this moment. All calls are about one ledger. It remembers some megabytes at most.
class Readings {
 public:
  // A day with thousands of attempts is summed up anew after as many seconds, up to eight.
  Result<RecentHealth> recent_health(Ledger& ledger, WallTime now);
  // The quarters of an hour that forecasts look at. Many of them are kept for a minute, within the quarter.
  Result<QuarterCosts> forecast_history(Ledger& ledger, const std::vector<std::string>& projects, WallTime now);

 private:
  struct History {
    std::vector<std::string> projects;
    WallTime read_at{};
    QuarterCosts costs;
  };

  std::mutex health_mutex_, history_mutex_;
  RecentAttempts attempts_;             // under health_mutex_
  std::optional<RecentHealth> health_;  // likewise
  WallTime health_at_{};                // likewise
  std::vector<History> histories_;      // under history_mutex_
};

}  // namespace gateway::operations
