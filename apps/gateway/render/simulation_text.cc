#include "app/render/simulation_text.h"

#include <fmt/format.h>

#include "gateway/money.h"

namespace gateway::app {
namespace {

// "1.25", without zeros at the end.
std::string decimal(std::int64_t value, std::int64_t unit, int digits) {
  std::string text = fmt::format("{}.{:0{}}", value / unit, value % unit, digits);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string statuses_text(const StatusRange& range) {
  if (range.first == range.last) return fmt::format("{}", range.first);
  if (range.first % 100 == 0 && range.last == range.first + 99) return fmt::format("{}xx", range.first / 100);
  return fmt::format("{}..{}", range.first, range.last);
}

}  // namespace

std::string span_text(Duration time) {
  const std::int64_t ms = std::chrono::round<std::chrono::milliseconds>(time).count();
  if (ms < 1000) return fmt::format("{}ms", ms);
  if (ms < 60'000) return decimal(ms, 1000, 3) + "s";
  const std::int64_t seconds = ms / 1000;
  std::string text;
  if (seconds >= 3600) text += fmt::format("{}h", seconds / 3600);
  if (seconds / 60 % 60 > 0) text += fmt::format("{}m", seconds / 60 % 60);
  if (seconds % 60 > 0) text += fmt::format("{}s", seconds % 60);
  return text;
}

std::string share_text(std::int64_t millionths) { return decimal(millionths, 10'000, 4) + " %"; }

std::string value_text(sim::Measure measure, std::int64_t value) {
  switch (measure) {
    case sim::Measure::requests:
    case sim::Measure::attempts:
      return std::to_string(value);
    case sim::Measure::share:
      return share_text(value);
    case sim::Measure::spend:
      return Money::units(value).to_string() + " USD";
    default:
      return span_text(Duration(value));
  }
}

std::string range_text(sim::Measure measure, const sim::Between& range) {
  const sim::Between any;
  if (range.least == range.most) return value_text(measure, range.least);
  return (range.least == any.least ? "" : value_text(measure, range.least)) + ".." +
         (range.most == any.most ? "" : value_text(measure, range.most));
}

std::string_view measure_text(sim::Measure measure) {
  constexpr std::string_view kNames[] = {"requests", "attempts", "share", "spend", "p50", "p95", "p99"};
  return kNames[static_cast<std::size_t>(measure)];
}

std::string filter_text(const sim::Filter& filter) {
  std::string text;
  const auto add = [&text](std::string_view what, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, value);
  };
  add("project", filter.project);
  add("model", filter.model);
  add("traffic", filter.traffic);
  add("provider", filter.provider);
  add("target", filter.target_model);
  if (filter.status) add("status", statuses_text(*filter.status));
  add("code", filter.code);
  if (filter.from > Duration::zero()) add("from", span_text(filter.from));
  if (filter.until != Duration::max()) add("until", span_text(filter.until));
  return text;
}

std::string expectation_text(const sim::Expectation& expectation) {
  const std::string filter = filter_text(expectation.filter);
  const std::string what = filter.empty() ? std::string(measure_text(expectation.measure))
                                          : fmt::format("{} of {}", measure_text(expectation.measure), filter);
  return fmt::format("{}{}: {}", expectation.name.empty() ? "" : expectation.name + ": ", what,
                     range_text(expectation.measure, expectation.range));
}

std::string status_text(const sim::StatusCount& status) {
  return fmt::format("{}{}{}", status.status == 0 ? "no answer" : std::to_string(status.status),
                     status.broken ? ", broken off" : "", status.code.empty() ? "" : " " + status.code);
}

}  // namespace gateway::app
