#include "app/render/request_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "app/render/counted.h"
#include "app/render/json.h"
#include "app/render/row_fields.h"
#include "base/time_text.h"

namespace gateway::app {
namespace {

using operations::RequestView;

std::string rows_json(const std::vector<Row>& rows) {
  std::vector<std::string> objects;
  for (const Row& row : rows) {
    std::ostringstream line;
    Listing listing(line, Format::jsonl, row_columns());
    listing.add(row_cells(row));
    objects.push_back(line.str());
    objects.back().pop_back();  // the line's end
  }
  return json::list(objects);
}

WallTime end_of(const Row& row, WallTime now) { return row.ended == WallTime{} ? now : row.ended; }

WallTime last_end(const RequestView& view, WallTime now) {
  WallTime last = view.attempts.front().accepted;
  for (const Row& row : view.attempts) last = std::max(last, end_of(row, now));
  return last;
}

std::string repeated(std::string_view mark, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += mark;
  return text;
}

// Blank until it was dispatched, light while it waited for the first byte, full while the answer came.
std::string bar(const Row& row, WallTime from, WallTime to, WallTime now, std::size_t width, const TextLook& look) {
  const auto span = std::max<std::int64_t>((to - from).count(), 1);
  const auto at = [&](WallTime time) {
    const std::int64_t part = std::clamp<std::int64_t>((time - from).count(), 0, span);
    return static_cast<std::size_t>(part * static_cast<std::int64_t>(width) / span);
  };
  const WallTime end = end_of(row, now);
  const std::size_t start = std::min(at(row.dispatched == WallTime{} ? row.accepted : row.dispatched), width - 1);
  const std::size_t stop = std::max(at(end), start + 1);
  const std::size_t answered = row.first_byte == WallTime{} ? stop : std::clamp(at(row.first_byte), start, stop);
  const Tone tone = row.state == RowState::settled ? Tone::good
                    : row.state == RowState::open  ? Tone::accent
                                                   : Tone::bad;
  const std::string drawn =
      repeated(look.ascii ? "." : "░", answered - start) + repeated(look.ascii ? "#" : "█", stop - answered);
  return std::string(start, ' ') + toned(drawn, tone, look.colour);
}

std::string target_of(const Row& row) {
  return printable(fmt::format("{}/{}", row.provider.view(), row.target_model.view()));
}

std::string outcome_text(const Row& row) {
  std::string text(to_string(row.state));
  if (row.status != 0) text += fmt::format(" {}", row.status);
  if (!row.error_code.empty()) text += fmt::format(" {}", row.error_code.view());
  if (!row.finish_reason.empty()) text += fmt::format(", {}", row.finish_reason.view());
  return printable(text);
}

std::string attempt_text(const Row& row, WallTime now) {
  std::string text = fmt::format("{}  {}  {}\n", row.attempt, target_of(row), outcome_text(row));
  std::string times = row.first_byte == WallTime{}
                          ? "no byte came"
                          : fmt::format("first byte after {}", length_text(row.first_byte - row.dispatched));
  times += fmt::format(", {} {}", row.ended == WallTime{} ? "open since" : "ended after",
                       length_text(end_of(row, now) - row.dispatched));
  text += fmt::format("   {}\n   {} tokens in ({} cached), {} out ({} reasoning)\n", times, row.usage.input,
                      row.usage.cached_input, row.usage.output, row.usage.reasoning);
  text += fmt::format("   {} USD, {}", MoneySum(row.cost).to_string(), to_string(row.cost_source));
  if (!row.price_version.empty()) text += fmt::format(" (prices {})", printable(row.price_version.view()));
  text += fmt::format("; held {} USD", MoneySum(row.hold).to_string());
  if (const std::string flags = row_flags_to_string(row.flags); !flags.empty()) text += "; " + flags;
  return text + '\n';
}

std::string timeline(const RequestView& view, WallTime now, const TextLook& look) {
  const WallTime from = view.attempts.front().accepted, to = last_end(view, now);
  std::size_t label = 0;
  for (const Row& row : view.attempts) label = std::max(label, screen_width(target_of(row)));
  label = std::min(label, look.columns / 3);
  const std::size_t used = label + 5;
  const std::size_t width = std::clamp<std::size_t>(look.columns > used ? look.columns - used : 10, 10, 100);
  std::string text = "\n";
  for (const Row& row : view.attempts) {
    std::string name = target_of(row);
    if (screen_width(name) > label) name.resize(label);
    text +=
        fmt::format("{}  {}{}  {}\n", row.attempt, name, std::string(label - std::min(label, screen_width(name)), ' '),
                    bar(row, from, to, now, width, look));
  }
  const std::string total = length_text(to - from);
  return text + std::string(used, ' ') + "0" + std::string(width - std::min(width, total.size() + 1), ' ') + total +
         '\n';
}

std::string corrections_text(const RequestView& view) {
  std::string text;
  for (const Row& row : view.corrections) {
    const MoneySum cost(row.cost);
    text += fmt::format("correction of attempt {}: {}{} USD, {}, at {}\n", row.attempt, cost.is_negative() ? "" : "+",
                        cost.to_string(), to_string(row.cost_source), rfc3339(row.ended));
  }
  return text;
}

// Why each attempt was followed by another, and why the last one failed, if it did.
std::string reasons_text(const RequestView& view) {
  std::string text;
  for (std::size_t i = 0; i < view.attempts.size(); ++i) {
    const std::string why = failure_text(view, i);
    if (why.empty()) continue;
    const Row& row = view.attempts[i];
    if (operations::is_lost_hedge(row)) {
      text += fmt::format("attempt {} was {}\n", row.attempt, why);
    } else if (i + 1 == view.attempts.size()) {
      text += fmt::format("attempt {} was the last: {}\n", row.attempt, printable(why));
    } else {
      text += fmt::format("attempt {} was retried: {}; attempt {} went to {}\n", row.attempt, printable(why),
                          view.attempts[i + 1].attempt, target_of(view.attempts[i + 1]));
    }
  }
  return text;
}

std::string reasons_json(const RequestView& view) {
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < view.attempts.size(); ++i) {
    const std::string why = failure_text(view, i);
    reasons.push_back(why.empty() ? json::null() : json::text(why));
  }
  return json::list(reasons);
}

}  // namespace

std::string length_text(std::chrono::microseconds length) {
  const std::int64_t ms = std::chrono::round<std::chrono::milliseconds>(length).count();
  if (ms < 1000) return fmt::format("{}ms", ms);
  if (ms < 60'000) return fmt::format("{}.{:02}s", ms / 1000, ms % 1000 / 10);
  return fmt::format("{}m{:02}s", ms / 60'000, ms / 1000 % 60);
}

std::string request_json(const RequestView& view) {
  const Row& first = view.attempts.front();
  const Row& last = view.attempts.back();
  return json::Object()
      .add("request_id", json::text(view.id.text().view()))
      .add("client_request_id",
           first.client_request_id.empty() ? json::null() : json::text(first.client_request_id.view()))
      .add("accepted", json::time(first.accepted))
      .add("project", json::text(first.project.view()))
      .add("key", json::text(first.key.view()))
      .add("asked_model", json::text(first.asked_model.view()))
      .add("state", json::text(to_string(last.state)))
      .add("input_tokens", json::number(view.usage.input))
      .add("output_tokens", json::number(view.usage.output))
      .add("cost", json::money(view.cost))
      .add("reasons", reasons_json(view))
      .add("attempts", rows_json(view.attempts))
      .add("corrections", rows_json(view.corrections))
      .str();
}

std::string request_text(const RequestView& view, WallTime now, const TextLook& look) {
  const Row& first = view.attempts.front();
  const Row& last = view.attempts.back();
  std::string text = fmt::format("request    {}\n", view.id.text().view());
  if (!first.client_request_id.empty())
    text += fmt::format("client id  {}\n", printable(first.client_request_id.view()));
  text += fmt::format("accepted   {} ({})\n", rfc3339(first.accepted), ago(first.accepted, now));
  text += fmt::format("project    {}, key {}\n", printable(first.project.view()), printable(first.key.view()));
  text += fmt::format("asked for  {}, {}{}\n", printable(first.asked_model.view()), to_string(first.operation),
                      first.streamed ? ", streamed" : "");
  const Tone tone = last.state == RowState::settled ? Tone::good
                    : last.state == RowState::open  ? Tone::accent
                                                    : Tone::bad;
  text += fmt::format("result     {} after {} and {}; {} USD\n", toned(to_string(last.state), tone, look.colour),
                      counted(view.attempts.size(), "attempt"), length_text(last_end(view, now) - first.accepted),
                      view.cost.to_string());
  text += timeline(view, now, look) + '\n';
  for (const Row& row : view.attempts) text += attempt_text(row, now);
  return text + corrections_text(view) + reasons_text(view);
}

}  // namespace gateway::app
