// A simulation as JUnit's report and as SVG.
#include <fmt/format.h>

#include <algorithm>

#include "app/render/markup.h"
#include "app/render/simulation.h"
#include "app/render/simulation_text.h"

namespace gateway::app {
namespace {

// Of the drawing, in pixels.
constexpr std::int64_t kWidth = 900, kPlot = 200, kLeft = 50, kTop = 40;

struct Part {
  std::int64_t sim::Bucket::*count;
  const char* colour;
  const char* name;
};
constexpr Part kParts[] = {{&sim::Bucket::answered, "#2a7f4f", "answered"},
                           {&sim::Bucket::refused, "#c98a00", "refused"},
                           {&sim::Bucket::failed, "#b3261e", "failed"}};

std::string bars(const sim::Outcome& outcome) {
  std::int64_t most = 1;
  for (const sim::Bucket& bucket : outcome.timeline) most = std::max(most, bucket.requests);
  const auto buckets = static_cast<std::int64_t>(outcome.timeline.size());
  std::string out = fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", kLeft - 6, kTop + 10, most);
  for (std::int64_t i = 0; i < buckets; ++i) {
    const std::int64_t left = kLeft + i * kWidth / buckets, right = kLeft + (i + 1) * kWidth / buckets;
    std::int64_t bottom = kTop + kPlot;
    for (const Part& part : kParts) {
      const std::int64_t count = outcome.timeline[static_cast<std::size_t>(i)].*part.count;
      if (count == 0) continue;
      const std::int64_t height = std::max<std::int64_t>(count * kPlot / most, 1);
      bottom -= height;
      out += fmt::format(
          "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"><title>{}: {} {}</title></rect>\n", left,
          bottom, std::max<std::int64_t>(right - left - 1, 1), height, part.colour, span_text(outcome.bucket * i),
          count, part.name);
    }
  }
  return out;
}

std::string happenings(const sim::Outcome& outcome) {
  const Duration length = outcome.bucket * static_cast<std::int64_t>(outcome.timeline.size());
  std::string out;
  std::int64_t line = 0;
  for (const sim::Happening& each : outcome.happenings) {
    if (each.at > length) continue;
    const std::int64_t x = kLeft + static_cast<std::int64_t>(each.at / (length / kWidth));
    const std::int64_t y = kTop + kPlot + 40 + 16 * line++;
    out += fmt::format("<line x1=\"{0}\" x2=\"{0}\" y1=\"{1}\" y2=\"{2}\" stroke=\"#555\" stroke-dasharray=\"3 3\"/>\n",
                       x, kTop, y - 10);
    const bool late = x > kLeft + kWidth / 2;
    out += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\">{} {}</text>\n", late ? x - 4 : x + 4, y,
                       late ? "end" : "start", span_text(each.at), markup_text(each.what));
  }
  return out;
}

}  // namespace

std::string simulations_junit(const std::vector<PlayedScenario>& all) {
  std::string suites;
  std::size_t tests = 0, failed = 0;
  for (const PlayedScenario& played : all) {
    std::string cases;
    std::size_t failures = 0;
    for (const sim::Judgement& each : played.outcome.judgements) {
      cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", markup_text(played.name),
                           markup_text(expectation_text(each.expected)));
      if (each.holds) {
        cases += "/>\n";
        continue;
      }
      ++failures;
      const std::string first = each.first ? ", first at " + span_text(*each.first) : "";
      cases += fmt::format(">\n      <failure message=\"found {}{}\"/>\n    </testcase>\n",
                           markup_text(value_text(each.expected.measure, each.found)), first);
    }
    suites += fmt::format("  <testsuite name=\"{}\" file=\"{}\" tests=\"{}\" failures=\"{}\">\n{}  </testsuite>\n",
                          markup_text(played.name), markup_text(played.file), played.outcome.judgements.size(),
                          failures, cases);
    tests += played.outcome.judgements.size(), failed += failures;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{}\">\n{}</testsuites>\n", tests,
      failed, suites);
}

std::string simulation_svg(const PlayedScenario& played) {
  const sim::Outcome& outcome = played.outcome;
  const auto lines = static_cast<std::int64_t>(outcome.happenings.size());
  const std::int64_t width = kLeft + kWidth + 20, height = kTop + kPlot + 50 + 16 * lines;
  std::string legend;
  std::int64_t x = kLeft + kWidth;
  for (const Part& part : kParts) {
    legend +=
        fmt::format("<text x=\"{}\" y=\"24\" text-anchor=\"end\" fill=\"{}\">{}</text>\n", x, part.colour, part.name);
    x -= 80;
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n"
      "<text x=\"{2}\" y=\"24\" font-weight=\"bold\">{3}</text>\n{4}{5}"
      "<line x1=\"{2}\" x2=\"{6}\" y1=\"{7}\" y2=\"{7}\" stroke=\"#000\"/>\n"
      "<text x=\"{2}\" y=\"{8}\">0s</text>\n<text x=\"{6}\" y=\"{8}\" text-anchor=\"end\">{9}</text>\n{10}</svg>\n",
      width, height, kLeft, markup_text(played.name), legend, bars(outcome), kLeft + kWidth, kTop + kPlot,
      kTop + kPlot + 16, span_text(outcome.bucket * static_cast<std::int64_t>(outcome.timeline.size())),
      happenings(outcome));
}

}  // namespace gateway::app
