// Small pictures of amounts in text: sparklines, bars, stacked charts. Amounts are only compared, never rounded to a
// figure that is printed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/money.h"

namespace gateway::app {

// floor(parts * part / whole), at most 1,000,000; 0 if either is not positive.
std::int64_t ratio(MoneySum part, MoneySum whole, std::int64_t parts);
// floor(parts * part / whole); 0 if either is not positive, at most `parts`.
std::int64_t proportion(MoneySum part, MoneySum whole, std::int64_t parts);
// One character for each amount, its height relative to the largest.
std::string sparkline(const std::vector<MoneySum>& amounts, bool ascii);
// `width` characters, of which the share of `part` is filled.
std::string share_bar(MoneySum part, MoneySum whole, std::size_t width, bool ascii);

struct ChartSeries {
  std::string name;
  std::vector<MoneySum> amounts;  // one for each label
};
struct Chart {
  std::string title;
  std::vector<std::string> labels;  // of the lines
  std::vector<ChartSeries> series;  // stacked in this order
};
inline constexpr std::size_t kMaxSeries = 6;  // more are one, "other"
// A line for each label as wide as the terminal, and a legend.
std::string chart_text(Chart chart, std::size_t columns, bool colour, bool ascii);

}  // namespace gateway::app
