// How targets did lately: by the ledger's rows of the last minutes, hour and day.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/ledger.h"

namespace gateway::operations {

struct WindowLength {
  std::string_view name;
  std::chrono::minutes length;
};
inline constexpr std::array<WindowLength, 3> kHealthWindows{
    {{"5m", std::chrono::minutes(5)}, {"1h", std::chrono::hours(1)}, {"24h", std::chrono::hours(24)}}};
// So many rows are read at most, the newest.
inline constexpr std::size_t kMaxHealthRows = 20'000;

struct Percentiles {
  std::chrono::microseconds p50{0}, p95{0};
};

struct HealthWindow {
  std::int64_t attempts = 0;                                 // that are closed
  std::int64_t failed = 0;                                   // of state failed or interrupted
  std::map<std::string, std::int64_t, std::less<>> codes{};  // of those
  std::optional<Percentiles> first_byte{}, duration{};       // from dispatch; absent: there was none
  MoneySum cost{};
};

// A provider's model, as it was sent to it.
struct TargetRecord {
  std::string provider, model;
  std::array<HealthWindow, kHealthWindows.size()> windows{};
  std::optional<WallTime> last_success{}, last_failure{};  // when they ended; absent: not in the last day
  std::string last_error{};                                // the code of the last failure
};

struct RecentHealth {
  std::vector<TargetRecord> targets;  // by provider and model; those that had attempts
  // Of which windows all rows were read. Of the others the figures are of the newest rows only.
  std::array<bool, kHealthWindows.size()> is_complete{};
};

// The closed attempts of the last day, read as they come: a row is read until it is ten minutes old, then remembered.
// All are read anew every five minutes, for the few that are closed or replayed later than that.
class RecentAttempts {
 public:
  explicit RecentAttempts(std::size_t max_rows = kMaxHealthRows) : max_rows_(max_rows) {}

  Result<void> read(Ledger& ledger, WallTime now);
  RecentHealth health(WallTime now) const;
  std::size_t size() const noexcept { return attempts_.size(); }

 private:
  struct Attempt {
    std::uint32_t target = 0, code = 0;  // of targets_, and of codes_
    bool failed = false;
    WallTime accepted, ended;
    std::optional<std::chrono::microseconds> first_byte, duration;  // of those that succeeded
    Money cost;
  };
  using Target = std::pair<std::string, std::string>;

  Attempt attempt_of(const Row& row);
  void drop_those_before(WallTime begin);

  std::size_t max_rows_;
  std::vector<Attempt> attempts_;  // newest first
  std::map<Target, std::uint32_t> targets_;
  std::map<std::string, std::uint32_t, std::less<>> codes_;
  WallTime read_at_{}, all_read_at_{};
  WallTime oldest_ = WallTime::min();  // of those that were read, if not all were
};

Result<RecentHealth> recent_health(Ledger& ledger, WallTime now, std::size_t max_rows = kMaxHealthRows);

}  // namespace gateway::operations
