#include "policy/pricing/forecast.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/calendar.h"

namespace gateway {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using std::chrono::weeks;

constexpr std::chrono::minutes kQuarter{15};
constexpr std::size_t kQuartersADay = 96;
constexpr days kHorizon{366};  // of what never resets
constexpr int kMaxWeeks = 4, kMinWeeks = 2, kMaxDays = 7;

MoneySum times(const MoneySum& sum, std::int64_t factor) {
  return MoneySum::of_parts(sum.dollars() * factor, 0) + MoneySum::of_parts(0, sum.pico() * factor);
}

// `divisor` is small: what is left of the dollars is divided as units.
MoneySum divided(const MoneySum& sum, std::int64_t divisor) {
  const std::int64_t rest = sum.dollars() % divisor * Money::kUnitsPerDollar + sum.pico();
  return MoneySum::of_parts(sum.dollars() / divisor, rest / divisor);
}

WallTime quarter_of(WallTime at) { return calendar_bounds(CalendarUnit::quarter, at, {}).start; }

// What each of the samples had in each quarter of a day, or of a week.
class Pattern {
 public:
  Pattern(const ForecastQuestion& question, ForecastBasis basis, int samples)
      : zone_(question.zone),
        is_weekly_(basis == ForecastBasis::weeks),
        samples_(samples),
        costs_(places() * static_cast<std::size_t>(samples)) {
    const WallTime end = quarter_of(question.now);
    const WallTime::duration span = is_weekly_ ? WallTime::duration(weeks(1)) : WallTime::duration(days(1));
    for (const QuarterCost& quarter : question.history) {
      if (quarter.start >= end) continue;
      const auto sample = (end - quarter.start - WallTime::duration(1)) / span;
      if (sample < samples) at(quarter.start)[static_cast<std::size_t>(sample)] += quarter.cost;
    }
  }

  int samples() const { return samples_; }
  std::span<const MoneySum> of(WallTime quarter) const {
    return {costs_.data() + place(quarter) * static_cast<std::size_t>(samples_), static_cast<std::size_t>(samples_)};
  }

 private:
  std::size_t places() const { return is_weekly_ ? 7 * kQuartersADay : kQuartersADay; }
  std::size_t place(WallTime quarter) const {
    const WallTime local = quarter + zone_offset(zone_, quarter);
    const auto date = std::chrono::floor<days>(local);
    const auto of_day = static_cast<std::size_t>((local - date) / kQuarter);
    return is_weekly_ ? std::chrono::weekday(date).c_encoding() * kQuartersADay + of_day : of_day;
  }
  std::span<MoneySum> at(WallTime quarter) {
    return {costs_.data() + place(quarter) * static_cast<std::size_t>(samples_), static_cast<std::size_t>(samples_)};
  }

  const Zone& zone_;
  bool is_weekly_;
  int samples_;
  std::vector<MoneySum> costs_;  // by place, then by sample
};

// Between the smallest and the one next to it, or the largest likewise.
MoneySum percentile(const MoneySum& outer, const MoneySum& inner, int samples) {
  return outer + divided(times(inner - outer, samples - 1), 10);
}

void find_basis(const ForecastQuestion& question, Forecast& found) {
  if (question.history.empty()) return;
  const auto age = quarter_of(question.now) - question.history.front().start;
  const auto full_weeks = static_cast<int>(std::min<std::int64_t>(age / weeks(1), kMaxWeeks));
  const auto full_days = static_cast<int>(std::min<std::int64_t>(age / days(1), kMaxDays));
  if (full_days < 1) return;
  found.basis = full_weeks >= kMinWeeks ? ForecastBasis::weeks : ForecastBasis::days;
  found.samples = full_weeks >= kMinWeeks ? full_weeks : full_days;
}

}  // namespace

Forecast forecast(const ForecastQuestion& question) {
  Forecast found;
  const MoneySum left = question.cap - question.spent - question.held;
  const bool is_exhausted = left <= MoneySum();
  if (is_exhausted) found.exhausted_at = question.now;
  find_basis(question, found);
  if (found.basis == ForecastBasis::too_early) return found;

  const bool resets = question.resets_at != WallTime{};
  const WallTime end = resets ? question.resets_at : question.now + kHorizon;
  const Pattern pattern(question, found.basis, found.samples);
  const MoneySum limit = times(left, found.samples);
  std::vector<MoneySum> totals(static_cast<std::size_t>(found.samples));
  MoneySum total;  // of all samples together: so many times the mean
  for (WallTime quarter = quarter_of(question.now); quarter < end; quarter += kQuarter) {
    // Of the quarter that has begun, only a part is left.
    const auto rest = std::chrono::ceil<seconds>(quarter + kQuarter - std::max(quarter, question.now));
    const std::span<const MoneySum> costs = pattern.of(quarter);
    for (std::size_t i = 0; i < costs.size(); ++i) {
      const MoneySum cost =
          rest == kQuarter ? costs[i] : divided(times(costs[i], rest.count()), seconds(kQuarter).count());
      totals[i] += cost;
      total += cost;
    }
    if (!found.exhausted_at && total > limit) {
      found.exhausted_at = std::max(quarter, question.now);
      if (!resets) break;
    }
  }
  if (!resets) return found;
  std::sort(totals.begin(), totals.end());
  const std::size_t last = totals.size() - 1;
  const std::size_t next = std::min<std::size_t>(1, last);
  found.spent_at_reset = question.spent + divided(total, found.samples);
  found.low = question.spent + percentile(totals[0], totals[next], found.samples);
  found.high = question.spent + percentile(totals[last], totals[last - next], found.samples);
  return found;
}

std::string basis_text(const Forecast& forecast) {
  if (forecast.basis == ForecastBasis::too_early) return "too early";
  const std::string unit = forecast.basis == ForecastBasis::weeks ? "week" : "day";
  return std::to_string(forecast.samples) + " " + unit + (forecast.samples == 1 ? "" : "s");
}

}  // namespace gateway
