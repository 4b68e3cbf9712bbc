// Which targets of a route do far worse than the others, and for how long they rest: see OutlierConfig.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/live_figures.h"
#include "gateway/route.h"
#include "gateway/time.h"

namespace gateway {

// What some attempts were like.
struct TargetRecord {
  std::int64_t attempts = 0;  // that answered or failed
  std::int64_t failures = 0;
  std::int64_t begun = 0;  // answers of which the first event came
  Duration waited{0};      // for them, together
  friend bool operator==(const TargetRecord&, const TargetRecord&) = default;
};

// A target of a route when it is judged.
struct JudgedTarget {
  TargetRecord record{};
  bool rests = false;  // already
};

// So many of a route's targets may rest at once.
std::size_t most_resting(std::size_t targets, const OutlierConfig& config) noexcept;

// Which are to rest from now on, and why; of more than may rest the worst ones. `out`: one for each target.
void find_outliers(std::span<const JudgedTarget> targets, const OutlierConfig& config, std::span<Outlier> out) noexcept;

// How long one rests that rested for `last` until `ended` (zero: never).
Duration rest_length(Duration last, TimePoint ended, TimePoint now, const OutlierConfig& config) noexcept;

// The attempts of the last half minute to minute, by who made them. Lock-free; of counts that are made while a half
// minute begins some may be lost.
class RecentRecord {
 public:
  void on_end(std::string_view project, bool failed, TimePoint now) noexcept;
  void on_first_event(std::string_view project, Duration after, TimePoint now) noexcept;
  // Projects are thrown together into a few lots. The lot with most failures is left out, and of the waiting the one
  // that has waited longest, unless it is the only one: what one project alone sees may be of its own making.
  TargetRecord record(TimePoint now) const noexcept;
  void clear() noexcept;

 private:
  static constexpr std::size_t kLots = 8;
  struct Lot {
    std::atomic<std::int64_t> attempts{0}, failures{0}, begun{0}, waited{0};
  };
  struct Half {
    std::atomic<std::int64_t> number{-1};
    std::array<Lot, kLots> lots{};
  };
  Lot& lot(std::string_view project, TimePoint now) noexcept;
  TargetRecord record_of(std::size_t lot, std::int64_t half) const noexcept;

  std::array<Half, 2> halves_{};
};

// Any thread.
class TargetRest {
 public:
  void begin(Outlier why, TimePoint now, const OutlierConfig& config) noexcept;
  bool rests(TimePoint now) const noexcept { return left(now) > Duration{0}; }
  Duration left(TimePoint now) const noexcept;
  Outlier why(TimePoint now) const noexcept;

 private:
  std::atomic<std::int64_t> until_{INT64_MIN};  // ns on the monotonic clock
  std::atomic<std::int64_t> length_{0};
  std::atomic<Outlier> why_{Outlier::none};
};

}  // namespace gateway
