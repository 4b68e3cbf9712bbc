#include "app/render/trends.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/render/table.h"

namespace gateway::app {
namespace {

__extension__ using Wide = __int128;

Wide pico_dollars(MoneySum amount) {
  return static_cast<Wide>(amount.dollars()) * Money::kUnitsPerDollar + amount.pico();
}

constexpr std::array<std::string_view, 8> kHeights{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> kAsciiHeights{"_", ".", ":", "-", "=", "+", "*", "#"};
constexpr std::array<std::string_view, kMaxSeries> kFills{"█", "▓", "▒", "░", "▚", "▞"};
constexpr std::array<std::string_view, kMaxSeries> kAsciiFills{"#", "=", "+", ":", "o", "."};
constexpr std::array<std::string_view, kMaxSeries> kColours{"34", "32", "33", "35", "36", "90"};

MoneySum total_of(const std::vector<MoneySum>& amounts) {
  MoneySum total;
  for (const MoneySum& amount : amounts) total += amount;
  return total;
}

// The largest series first; those that have no place of their own are added up.
void fold(std::vector<ChartSeries>& series) {
  std::stable_sort(series.begin(), series.end(), [](const ChartSeries& a, const ChartSeries& b) {
    return total_of(a.amounts) > total_of(b.amounts);
  });
  if (series.size() <= kMaxSeries) return;
  ChartSeries& other = series[kMaxSeries - 1];
  for (std::size_t i = kMaxSeries; i < series.size(); ++i) {
    for (std::size_t at = 0; at < other.amounts.size(); ++at) other.amounts[at] += series[i].amounts[at];
  }
  other.name = "other";
  series.resize(kMaxSeries);
}

std::string filled(std::size_t series, std::size_t width, bool colour, bool ascii) {
  std::string text;
  for (std::size_t i = 0; i < width; ++i) text += (ascii ? kAsciiFills : kFills)[series];
  return colour && width > 0 ? fmt::format("\x1b[{}m{}\x1b[0m", kColours[series], text) : text;
}

}  // namespace

std::int64_t ratio(MoneySum part, MoneySum whole, std::int64_t parts) {
  const Wide of = pico_dollars(whole), amount = pico_dollars(part);
  if (of <= 0 || amount <= 0) return 0;
  return static_cast<std::int64_t>(std::min<Wide>(amount * parts / of, 1'000'000));
}

std::int64_t proportion(MoneySum part, MoneySum whole, std::int64_t parts) {
  return part >= whole && whole > MoneySum() ? parts : ratio(part, whole, parts);
}

std::string sparkline(const std::vector<MoneySum>& amounts, bool ascii) {
  MoneySum most;
  for (const MoneySum& amount : amounts) most = std::max(most, amount);
  std::string line;
  for (const MoneySum& amount : amounts) {
    // What is not nothing is seen.
    const std::int64_t height = amount <= MoneySum() ? 0 : std::max<std::int64_t>(proportion(amount, most, 7), 1);
    line += (ascii ? kAsciiHeights : kHeights)[static_cast<std::size_t>(height)];
  }
  return line;
}

std::string share_bar(MoneySum part, MoneySum whole, std::size_t width, bool ascii) {
  const auto full = static_cast<std::size_t>(proportion(part, whole, static_cast<std::int64_t>(width)));
  std::string bar;
  for (std::size_t i = 0; i < width; ++i) bar += i < full ? (ascii ? "#" : "█") : (ascii ? "." : "░");
  return bar;
}

std::string chart_text(Chart chart, std::size_t columns, bool colour, bool ascii) {
  fold(chart.series);
  std::vector<MoneySum> totals(chart.labels.size());
  for (const ChartSeries& series : chart.series) {
    for (std::size_t i = 0; i < totals.size(); ++i) totals[i] += series.amounts[i];
  }
  MoneySum most;
  std::size_t label_width = 0, figure_width = 0;
  for (std::size_t i = 0; i < totals.size(); ++i) {
    most = std::max(most, totals[i]);
    label_width = std::max(label_width, chart.labels[i].size());
    figure_width = std::max(figure_width, totals[i].to_string().size());
  }
  const std::size_t used = label_width + figure_width + 4;
  const std::size_t width = columns > used + 10 ? columns - used : 10;
  std::string text = chart.title + '\n';
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const std::size_t line_width =
        static_cast<std::size_t>(proportion(totals[i], most, static_cast<std::int64_t>(width)));
    std::string bar;
    std::size_t drawn = 0;
    MoneySum so_far;
    for (std::size_t s = 0; s < chart.series.size(); ++s) {
      so_far += chart.series[s].amounts[i];
      const auto end = static_cast<std::size_t>(proportion(so_far, most, static_cast<std::int64_t>(width)));
      bar += filled(s, end > drawn ? end - drawn : 0, colour, ascii);
      drawn = std::max(drawn, end);
    }
    const std::string figure = totals[i].to_string();
    text += fmt::format("{:<{}}  {}{}  {:>{}}\n", chart.labels[i], label_width, bar,
                        std::string(width - std::min(width, std::max(line_width, drawn)), ' '), figure, figure_width);
  }
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const std::string& name = chart.series[s].name;
    text += fmt::format("{} {} {}\n", filled(s, 2, colour, ascii), name.empty() ? "(none)" : printable(name),
                        total_of(chart.series[s].amounts).to_string());
  }
  return text;
}

}  // namespace gateway::app
