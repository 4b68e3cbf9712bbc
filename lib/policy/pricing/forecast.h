// What a spend cap will have spent when its period ends, and when it will be exhausted: an estimate from what was spent
// at the same times before.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "gateway/ledger.h"
#include "gateway/money.h"
#include "gateway/time.h"

namespace gateway {

// How much of the past a forecast looks at.
inline constexpr std::chrono::days kForecastHistory{28};

struct ForecastQuestion {
  // Of the last kForecastHistory, in their order; a quarter that is missing had no costs. The first one is taken for
  // the beginning of all data.
  std::span<const QuarterCost> history;
  WallTime now{};
  WallTime resets_at{};  // zero: never
  const Zone& zone;      // whose weekdays and hours are compared
  MoneySum cap, spent, held;
};

enum class ForecastBasis : std::uint8_t {
  too_early,  // there is less than a day of data
  days,       // the same quarter of each of the last days
  weeks,      // the same quarter of the same weekday of each of the last weeks
};

struct Forecast {
  ForecastBasis basis = ForecastBasis::too_early;
  int samples = 0;  // so many days, or weeks
  // By the mean of the samples, and by the 10th and the 90th percentile of what each of them alone would lead to.
  // Absent: too early, or the period never ends.
  std::optional<MoneySum> spent_at_reset, low, high;
  // The beginning of the first quarter in which the mean passes what is left. Absent: not in this period, nor within a
  // year; or too early.
  std::optional<WallTime> exhausted_at;
};

// With two weeks of data or more each quarter that is left is expected to cost what the same quarter of the weekday
// cost on average in the last weeks, at most four; with less, what the same quarter of a day cost in the last days, at
// most seven. What is exhausted already is so at `now`.
Forecast forecast(const ForecastQuestion& question);

// "4 weeks", "3 days", "too early".
std::string basis_text(const Forecast& forecast);

}  // namespace gateway
