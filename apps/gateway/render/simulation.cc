#include "app/render/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "app/render/counted.h"
#include "app/render/json.h"
#include "app/render/simulation_text.h"
#include "app/render/table.h"

namespace gateway::app {
namespace {

constexpr std::int64_t kBar = 40;

// Each part at least one mark, if there is any of it.
std::string bar(const sim::Bucket& bucket, std::int64_t most) {
  const auto marks = [most](std::int64_t count, char mark) {
    const std::int64_t length = most == 0 ? 0 : (count * kBar + most - 1) / most;
    return std::string(static_cast<std::size_t>(length), mark);
  };
  return marks(bucket.answered, '#') + marks(bucket.refused, 'r') + marks(bucket.failed, 'x');
}

std::string attempts_text(const sim::Bucket& bucket, const std::vector<sim::TargetFigures>& targets) {
  std::string text;
  const auto at = [](const std::vector<std::int64_t>& counts, std::size_t i) {
    return i < counts.size() ? counts[i] : 0;
  };
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (at(bucket.attempts, i) == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", targets[i].provider, at(bucket.attempts, i));
    if (at(bucket.failures, i) > 0) text += fmt::format(" ({} failed)", at(bucket.failures, i));
  }
  return text;
}

std::int64_t failed_attempts(const sim::TargetFigures& target) {
  return target.attempts - target.answered - target.hedges_lost;
}

void print_targets(std::ostream& out, const sim::Outcome& outcome) {
  Listing table(out, Format::table,
                {{"target"},
                 {"attempts", true},
                 {"answered", true},
                 {"lost", true},
                 {"failed", true},
                 {"p50", true},
                 {"p95", true},
                 {"input", true},
                 {"output", true},
                 {"cost", true},
                 {"failures"}});
  for (const sim::TargetFigures& each : outcome.targets) {
    std::string failures;
    for (const sim::StatusCount& status : each.failures)
      failures += fmt::format("{}{} x {}", failures.empty() ? "" : ", ", status.count, status_text(status));
    table.add({cell(each.provider + " " + each.model), cell(each.attempts), cell(each.answered), cell(each.hedges_lost),
               cell(failed_attempts(each)), cell(span_text(each.p50)), cell(span_text(each.p95)),
               cell(each.usage.input), cell(each.usage.output), cell(each.cost), cell(failures)});
  }
  table.end();
}

void print_timeline(std::ostream& out, const sim::Outcome& outcome) {
  std::int64_t most = 0;
  for (const sim::Bucket& bucket : outcome.timeline) most = std::max(most, bucket.requests);
  out << fmt::format("\ntimeline, {} a line: # answered, r refused, x failed\n", span_text(outcome.bucket));
  auto next = outcome.happenings.begin();
  for (std::size_t i = 0; i < outcome.timeline.size(); ++i) {
    const Duration from = outcome.bucket * static_cast<std::int64_t>(i);
    for (; next != outcome.happenings.end() && next->at < from + outcome.bucket; ++next)
      out << fmt::format("{:>8}  -- {}\n", span_text(next->at), printable(next->what));
    const sim::Bucket& bucket = outcome.timeline[i];
    std::string line = fmt::format("{:>8}  {:>6} {:<{}}  {}", span_text(from), bucket.requests, bar(bucket, most),
                                   kBar + 2, attempts_text(bucket, outcome.targets));
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

std::string statuses_json(const std::vector<sim::StatusCount>& statuses) {
  std::vector<std::string> out;
  for (const sim::StatusCount& each : statuses) {
    out.push_back(json::Object()
                      .add("status", each.status == 0 ? json::null() : json::number(each.status))
                      .add("code", each.code.empty() ? json::null() : json::text(each.code))
                      .add("broken", json::boolean(each.broken))
                      .add("count", json::number(each.count))
                      .add("message", each.message.empty() ? json::null() : json::text(each.message))
                      .str());
  }
  return json::list(out);
}

std::string numbers_json(const std::vector<std::int64_t>& numbers, std::size_t size) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < size; ++i) out.push_back(json::number(i < numbers.size() ? numbers[i] : 0));
  return json::list(out);
}

std::string ms_json(Duration time) { return json::number(std::chrono::round<std::chrono::milliseconds>(time).count()); }

std::string targets_json(const sim::Outcome& outcome) {
  std::vector<std::string> out;
  for (const sim::TargetFigures& each : outcome.targets) {
    out.push_back(json::Object()
                      .add("provider", json::text(each.provider))
                      .add("model", json::text(each.model))
                      .add("attempts", json::number(each.attempts))
                      .add("answered", json::number(each.answered))
                      .add("hedges_lost", json::number(each.hedges_lost))
                      .add("failures", statuses_json(each.failures))
                      .add("input_tokens", json::number(each.usage.input))
                      .add("output_tokens", json::number(each.usage.output))
                      .add("cost", json::money(each.cost))
                      .add("p50_ms", ms_json(each.p50))
                      .add("p95_ms", ms_json(each.p95))
                      .str());
  }
  return json::list(out);
}

std::string timeline_json(const sim::Outcome& outcome) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < outcome.timeline.size(); ++i) {
    const sim::Bucket& each = outcome.timeline[i];
    out.push_back(json::Object()
                      .add("from_ms", ms_json(outcome.bucket * static_cast<std::int64_t>(i)))
                      .add("requests", json::number(each.requests))
                      .add("answered", json::number(each.answered))
                      .add("refused", json::number(each.refused))
                      .add("failed", json::number(each.failed))
                      .add("cost", json::money(each.cost))
                      .add("attempts", numbers_json(each.attempts, outcome.targets.size()))
                      .add("failures", numbers_json(each.failures, outcome.targets.size()))
                      .str());
  }
  return json::list(out);
}

std::string judgements_json(const sim::Outcome& outcome) {
  std::vector<std::string> out;
  for (const sim::Judgement& each : outcome.judgements) {
    const sim::Measure measure = each.expected.measure;
    out.push_back(json::Object()
                      .add("expected", json::text(expectation_text(each.expected)))
                      .add("measure", json::text(measure_text(measure)))
                      .add("found", json::text(value_text(measure, each.found)))
                      .add("ok", json::boolean(each.holds))
                      .add("first_ms", each.first ? ms_json(*each.first) : json::null())
                      .str());
  }
  return json::list(out);
}

}  // namespace

void print_simulation(std::ostream& out, const PlayedScenario& played, bool colour) {
  const sim::Outcome& outcome = played.outcome;
  const std::int64_t share = outcome.requests == 0 ? 0 : outcome.answered * sim::kAll / outcome.requests;
  out << fmt::format("{}: {}, {} answered ({}), {}, {} USD\n", printable(played.name),
                     counted(outcome.requests, "request"), outcome.answered, share_text(share),
                     counted(outcome.attempts, "attempt"), outcome.cost.to_string());
  out << fmt::format("seed {}; the last answer ended after {}; p50 {}, p95 {}, p99 {}\n\n", played.seed,
                     span_text(outcome.ended), span_text(outcome.p50), span_text(outcome.p95), span_text(outcome.p99));
  print_targets(out, outcome);
  out << "\nanswers\n";
  for (const sim::StatusCount& each : outcome.statuses)
    out << fmt::format("{:>8}  {}{}\n", each.count, printable(status_text(each)),
                       each.message.empty() ? "" : ": " + printable(each.message));
  print_timeline(out, outcome);
  if (!outcome.judgements.empty()) out << "\nexpected\n";
  for (const sim::Judgement& each : outcome.judgements) {
    const std::string mark = each.holds ? toned("    ok", Tone::good, colour) : toned("NOT SO", Tone::bad, colour);
    const std::string first = each.first ? fmt::format(", first at {}", span_text(*each.first)) : "";
    out << fmt::format("  {}  {}: found {}{}\n", mark, printable(expectation_text(each.expected)),
                       value_text(each.expected.measure, each.found), first);
  }
}

std::string simulation_json(const PlayedScenario& played) {
  const sim::Outcome& outcome = played.outcome;
  std::vector<std::string> happenings;
  for (const sim::Happening& each : outcome.happenings)
    happenings.push_back(json::Object().add("at_ms", ms_json(each.at)).add("what", json::text(each.what)).str());
  return json::Object()
      .add("file", json::text(played.file))
      .add("name", json::text(played.name))
      .add("seed", json::number(static_cast<std::int64_t>(played.seed)))
      .add("ok", json::boolean(outcome.as_expected()))
      .add("requests", json::number(outcome.requests))
      .add("answered", json::number(outcome.answered))
      .add("attempts", json::number(outcome.attempts))
      .add("cost", json::money(outcome.cost))
      .add("ended_ms", ms_json(outcome.ended))
      .add("p50_ms", ms_json(outcome.p50))
      .add("p95_ms", ms_json(outcome.p95))
      .add("p99_ms", ms_json(outcome.p99))
      .add("statuses", statuses_json(outcome.statuses))
      .add("targets", targets_json(outcome))
      .add("bucket_ms", ms_json(outcome.bucket))
      .add("timeline", timeline_json(outcome))
      .add("happenings", json::list(happenings))
      .add("expected", judgements_json(outcome))
      .str();
}

}  // namespace gateway::app
