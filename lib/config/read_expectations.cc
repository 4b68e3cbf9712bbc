#include <fmt/format.h>

#include "config/scalars.h"
#include "config/scenario_scalars.h"
#include "config/scenario_sections.h"

namespace gateway {
namespace {

constexpr const char* kCountExpected = "a number such as 5, or a range such as 5..10, 5.. or ..10";
constexpr const char* kShareRange = "a share such as 100%, or a range such as 99%.. or 40%..60%";
constexpr const char* kAmountRange = "an amount in USD such as 25, or a range such as ..25 or 0.10..0.50";
constexpr const char* kDurationRange = "a range of durations such as ..2s or 100ms..2s";

constexpr Key kFilterKeys[] = {
    {"name", "text", "", "What the result calls it."},
    {"project", kProjectExpected, "", "Whose."},
    {"model", "text", "", "As it was asked for."},
    {"traffic", "the name of one under 'traffic'", "", "Of which traffic."},
    {"provider", kProviderExpected, "", "Of attempts; of requests, the one whose answer the client got."},
    {"target_model", "text", "", "Likewise: the provider's name for the model."},
    {"status", scalars::kStatusesExpected, "",
     "Of requests, what the client got, 502 if it broke off; of attempts, what the provider sent, 0 for nothing."},
    {"code", "text", "", "Of the error: `rate_limit_exceeded`."},
    {"from", "a duration such as 250ms, 2s, 10m or 1h", "0s",
     "When it was sent, and for attempts dispatched, after the scenario's start."},
    {"until", "a duration such as 250ms, 2s, 10m or 1h", "", "Without it, to the end."},
};

constexpr Key kMeasureKeys[] = {
    {"requests", kCountExpected, "", "How many requests are so."},
    {"attempts", kCountExpected, "", "How many attempts are so: dispatches to a provider."},
    {"share", kShareRange, "",
     "How many of the requests that are so but for `status`, `code`, `provider` and `target_model` are so with them."},
    {"spend", kAmountRange, "", "What attempts that are so cost."},
    {"p50", kDurationRange, "", "Half of those answered took no longer, as `p95` and `p99`."},
    {"p95", kDurationRange, "", "Likewise, 95 in a hundred."},
    {"p99", kDurationRange, "", "Likewise, 99 in a hundred."},
};

std::optional<std::int64_t> count(std::string_view text) {
  const auto value = scalars::whole(text);
  return value && *value >= 0 ? value : std::nullopt;
}
std::optional<std::int64_t> units(std::string_view text) {
  const auto value = scalars::amount(text);
  return value ? std::optional(value->units()) : std::nullopt;
}
std::optional<std::int64_t> nanoseconds(std::string_view text) {
  const auto value = scalars::duration(text);
  return value ? std::optional(std::int64_t{Duration(*value).count()}) : std::nullopt;
}

struct MeasureKey {
  std::string_view key;
  sim::Measure measure;
  const char* expected;
  std::optional<std::int64_t> (*read)(std::string_view);
};
constexpr MeasureKey kMeasures[] = {
    {"requests", sim::Measure::requests, kCountExpected, count},
    {"attempts", sim::Measure::attempts, kCountExpected, count},
    {"share", sim::Measure::share, kShareRange, scalars::millionths},
    {"spend", sim::Measure::spend, kAmountRange, units},
    {"p50", sim::Measure::p50, kDurationRange, nanoseconds},
    {"p95", sim::Measure::p95, kDurationRange, nanoseconds},
    {"p99", sim::Measure::p99, kDurationRange, nanoseconds},
};

void read_filter(const Fields& fields, const KnownNames& known, sim::Expectation& expectation) {
  sim::Filter& filter = expectation.filter;
  fields.text("name", expectation.name);
  read_known(fields, "project", filter.project, known.projects, kProjectExpected);
  fields.text("model", filter.model);
  read_known(fields, "traffic", filter.traffic, known.traffic, "the name of one under 'traffic'");
  read_known(fields, "provider", filter.provider, known.providers, kProviderExpected);
  fields.text("target_model", filter.target_model);
  if (fields.has("status")) {
    StatusRange statuses;
    fields.get("status", statuses, scalars::kStatusesExpected, scalars::statuses);
    filter.status = statuses;
  }
  fields.text("code", filter.code);
  read_offset(fields, "from", filter.from);
  read_offset(fields, "until", filter.until);
}

}  // namespace

const Section kExpectSection{"expect[]", kFilterKeys, kMeasureKeys,
                             "What is counted, and what must come of it: at least one of the last seven keys."};
const Section kNeverSection{"never[]",
                            kFilterKeys,
                            {},
                            "What must not happen, not once: an attempt, if `provider` or `target_model` says which "
                            "and neither `status` nor `code` does; else an answer."};

void read_expectations(Reading& reading, const yaml::Node& node, const KnownNames& known,
                       std::vector<sim::Expectation>& expectations) {
  each_item(reading, node, "'expect'", [&](const yaml::Node& item, std::size_t number) {
    const Fields fields(reading, item, fmt::format("item {} of expect", number), kExpectSection);
    sim::Expectation expectation;
    read_filter(fields, known, expectation);
    bool any = false;
    for (const MeasureKey& each : kMeasures) {
      if (!fields.has(each.key)) continue;
      any = true;
      expectation.measure = each.measure;
      fields.get(each.key, expectation.range, each.expected,
                 [&](std::string_view text) { return scalars::between(text, each.read); });
      expectations.push_back(expectation);
    }
    if (!any)
      reading.mistake(item.place, fields.name() +
                                      " expects nothing; expected one of requests, attempts, share, spend, "
                                      "p50, p95, p99");
  });
}

void read_nevers(Reading& reading, const yaml::Node& node, const KnownNames& known,
                 std::vector<sim::Expectation>& expectations) {
  each_item(reading, node, "'never'", [&](const yaml::Node& item, std::size_t number) {
    const Fields fields(reading, item, fmt::format("item {} of never", number), kNeverSection);
    sim::Expectation& expectation = expectations.emplace_back();
    read_filter(fields, known, expectation);
    const sim::Filter& filter = expectation.filter;
    const bool of_attempts =
        (!filter.provider.empty() || !filter.target_model.empty()) && !filter.status && filter.code.empty();
    expectation.measure = of_attempts ? sim::Measure::attempts : sim::Measure::requests;
    expectation.range = {0, 0};
  });
}

}  // namespace gateway
