#include "app/render/top_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "app/render/budgets.h"
#include "app/render/counted.h"
#include "app/render/row_fields.h"
#include "app/render/trends.h"
#include "base/time_text.h"

namespace gateway::app {
namespace {

constexpr std::size_t kMaxLines = 12;
constexpr std::size_t kMaxCaps = 8;
constexpr std::size_t kMaxFailures = 5;

std::string name_of(const Row& row, TopKey key) {
  return std::string(key == TopKey::project ? row.project.view()
                     : key == TopKey::model ? row.asked_model.view()
                                            : row.provider.view());
}

bool is_failed(const Row& row) { return row.state == RowState::failed || row.state == RowState::interrupted; }

std::string percent_of(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? "" : fmt::format("{}%", part * 100 / whole);
}

std::string length_or_nothing(const std::vector<std::chrono::microseconds>& durations, int percent) {
  const auto length = percentile(durations, percent);
  return length ? length_text(*length) : std::string();
}

std::string busiest(const std::vector<TopLine>& lines, TopKey key, bool colour) {
  const char* const names[] = {"project", "model", "provider"};
  std::ostringstream out;
  Listing listing(out, Format::table,
                  {{names[static_cast<std::size_t>(key)]},
                   {"requests", true},
                   {"open", true},
                   {"failed", true},
                   {"cost", true},
                   {"p50", true},
                   {"p95", true}},
                  colour);
  for (std::size_t i = 0; i < std::min(lines.size(), kMaxLines); ++i) {
    const TopLine& line = lines[i];
    Cell failed{percent_of(line.failed, line.attempts), {}, line.failed > 0 ? Tone::bad : Tone::plain};
    listing.add({cell(line.name), cell(line.requests), cell(line.open), std::move(failed), cell(line.cost),
                 cell(length_or_nothing(line.durations, 50)), cell(length_or_nothing(line.durations, 95))});
  }
  listing.end();
  return out.str();
}

// "nothing is left", or when nothing is left if it goes on like this.
std::string pace_text(const operations::Budget& budget, const TopInput& input) {
  const operations::CapState& state = budget.state;
  if (state.remaining() <= MoneySum()) return "nothing is left";
  MoneySum spent;
  for (const Row& row : input.rows) {
    if (row.project.view() == budget.project) spent += MoneySum(row.cost);
  }
  if (spent <= MoneySum()) return "";
  const std::int64_t windows = ratio(state.remaining(), spent, 1);
  const std::int64_t minutes = windows * input.window.count() / 60;
  if (minutes >= 100 * 24 * 60) return "";
  return minutes >= 60 ? fmt::format("nothing is left in {}h at this pace", minutes / 60)
                       : fmt::format("nothing is left in {}m at this pace", minutes);
}

std::string caps_text(const TopInput& input, const TextLook& look) {
  std::vector<const operations::Budget*> budgets;
  for (const operations::Budget& budget : input.budgets) budgets.push_back(&budget);
  std::stable_sort(budgets.begin(), budgets.end(),
                   [](const auto* a, const auto* b) { return used_percent(a->state) > used_percent(b->state); });
  std::string text;
  for (std::size_t i = 0; i < std::min(budgets.size(), kMaxCaps); ++i) {
    const operations::CapState& state = budgets[i]->state;
    const std::int64_t percent = used_percent(state);
    const Tone tone = percent >= 100 ? Tone::bad : percent >= 80 ? Tone::warning : Tone::good;
    const std::string bar = share_bar(state.spent + state.held, MoneySum(state.cap.cap), 20, look.ascii);
    text += fmt::format("{}  {:>4}%  {} of {} USD/{}  {}\n", toned(bar, tone, look.colour), percent,
                        printable(budgets[i]->project), state.cap.cap.to_string(), to_string(state.cap.period),
                        pace_text(*budgets[i], input));
    text.erase(text.find_last_not_of(" \n") + 1);
    text += '\n';
  }
  return text;
}

std::string failures_text(const TopInput& input) {
  std::string text;
  std::size_t shown = 0;
  for (const Row& row : input.rows) {
    if (!is_failed(row) || shown == kMaxFailures) continue;
    ++shown;
    text += fmt::format("{:>8}  {}  {}  {}  {}  {}\n", ago(row.accepted, input.now), printable(row.project.view()),
                        printable(row.asked_model.view()), printable(row.provider.view()),
                        row.status == 0 ? "-" : std::to_string(row.status), printable(row.error_code.view()));
  }
  return text;
}

}  // namespace

std::vector<TopLine> top_lines(const TopInput& input, TopKey key) {
  std::map<std::string, TopLine> lines;
  for (const Row& row : input.rows) {
    TopLine& line = lines[name_of(row, key)];
    line.cost += MoneySum(row.cost);
    if (row.entry != 0) continue;
    ++line.attempts;
    line.requests += row.attempt == 1 ? 1 : 0;
    line.failed += is_failed(row) ? 1 : 0;
    if (row.state == RowState::settled) line.durations.push_back(row.ended - row.dispatched);
  }
  for (const Row& row : input.open) ++lines[name_of(row, key)].open;
  std::vector<TopLine> sorted;
  for (auto& [name, line] : lines) {
    line.name = name;
    sorted.push_back(std::move(line));
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const TopLine& a, const TopLine& b) {
    return std::pair(a.attempts, a.open) > std::pair(b.attempts, b.open);
  });
  return sorted;
}

std::optional<std::chrono::microseconds> percentile(std::vector<std::chrono::microseconds> durations, int percent) {
  if (durations.empty()) return std::nullopt;
  std::sort(durations.begin(), durations.end());
  const std::size_t rank = (durations.size() * static_cast<std::size_t>(percent) + 99) / 100;
  return durations[std::max<std::size_t>(rank, 1) - 1];
}

std::string top_text(const TopInput& input, TopKey key, const TextLook& look) {
  const std::vector<TopLine> lines = top_lines(input, key);
  std::int64_t requests = 0, attempts = 0, failed = 0;
  MoneySum cost;
  for (const TopLine& line : lines) {
    requests += line.requests;
    attempts += line.attempts;
    failed += line.failed;
    cost += line.cost;
  }
  const std::int64_t hundredths = requests * 100 / std::max<std::int64_t>(input.window.count(), 1);
  std::string text =
      fmt::format("{}  {} in {}s ({}.{:02}/s), {} open, {} USD", rfc3339(input.now), counted(requests, "request"),
                  input.window.count(), hundredths / 100, hundredths % 100, input.open.size(), cost.to_string());
  if (failed > 0) text += fmt::format(", {} of attempts failed", percent_of(failed, attempts));
  text += "\n\n" + busiest(lines, key, look.colour);
  if (const std::string caps = caps_text(input, look); !caps.empty()) text += "\ncaps\n" + caps;
  if (const std::string failures = failures_text(input); !failures.empty()) text += "\nfailures\n" + failures;
  return text;
}

}  // namespace gateway::app
