// How routes say which target is tried when.
#include "config/support.h"

using namespace gateway;
using Lines = std::vector<std::string>;

namespace {

const std::string kSim = "providers: {sim: {type: simulated}}\n";

RouteConfig route_of(const std::string& route) { return good(kSim + "models: {a: " + route + "}\n").routes.at(0); }
Lines faults(const std::string& route) { return mistakes_of(kSim + "models: {a: " + route + "}\n"); }

}  // namespace

TEST_CASE("strategies, weights and what requests are recognized by", "[config][routing]") {
  const RouteConfig route = route_of(
      "{strategy: weighted, sticky: 'header:X-Tenant', targets: [{provider: sim, weight: 3}, {provider: sim}]}");
  CHECK(route.strategy == Strategy::weighted);
  REQUIRE(route.sticky);
  CHECK(route.sticky->by == IdentifiedBy::header);
  CHECK(route.sticky->header == "x-tenant");
  CHECK(route.targets[0].weight == 3);
  CHECK(route_of("{strategy: least_busy, targets: [{provider: sim}]}").strategy == Strategy::least_busy);
  CHECK(faults("{sticky: user, targets: [{provider: sim}]}") ==
        Lines{"f:2:22: 'sticky' in model 'a' needs the strategy weighted"});
  CHECK(faults("{strategy: weighted, sticky: 'header:', targets: [{provider: sim}]}").size() == 1);
}

TEST_CASE("groups are ranges of a route's targets", "[config][routing]") {
  const RouteConfig route = route_of(
      "{targets: [{provider: sim, model: m1}, {strategy: weighted, weight: 2, targets: [{provider: sim, model: m2}, "
      "{strategy: fastest, targets: [{provider: sim, model: m3}]}]}, {provider: sim, model: m4}]}");
  REQUIRE(route.targets.size() == 4);
  CHECK(route.targets[2].model == "m3");
  REQUIRE(route.groups.size() == 1);
  const TargetGroup& outer = route.groups[0];
  CHECK(outer.first == 1);
  CHECK(outer.count == 2);
  CHECK(outer.strategy == Strategy::weighted);
  CHECK(outer.weight == 2);
  REQUIRE(outer.groups.size() == 1);
  CHECK(outer.groups[0].first == 2);
  CHECK(outer.groups[0].count == 1);
  CHECK(outer.groups[0].strategy == Strategy::fastest);
}

TEST_CASE("what has no place in a group or a target is a mistake", "[config][routing]") {
  CHECK(faults("{targets: [{targets: [{provider: sim}], provider: sim}]}") ==
        Lines{"f:2:53: the group at target 1 of model 'a' is a group, which has no 'provider'; expected it at its "
              "targets"});
  CHECK(faults("{targets: [{provider: sim, strategy: weighted}]}") ==
        Lines{"f:2:50: target 1 of model 'a' has a 'strategy' and no 'targets'; expected both in a group"});
  CHECK(faults("{targets: [{targets: []}]}").size() == 1);
  std::string deep = "{provider: sim}";
  for (std::size_t i = 0; i <= kMaxGroupDepth; ++i) deep = "{targets: [" + deep + "]}";
  CHECK(faults("{targets: [" + deep + "]}").size() == 1);
}

TEST_CASE("conditions, shares and abilities", "[config][routing]") {
  const RouteConfig route = route_of(
      "{targets: [{provider: sim, when: {projects: [p, q], keys: k, header: {X-Tier: gold}, metadata: {plan: '*'}, "
      "input_tokens_over: 10, input_tokens_under: 20, hours: '22:00-06:30'}, canary: {percent: 2.5, by: user}, "
      "can: [tools, audio], context_length: 8192}]}");
  const TargetConfig& target = route.targets[0];
  REQUIRE(target.when);
  CHECK(target.when->projects == Lines{"p", "q"});
  CHECK(target.when->keys == Lines{"k"});
  CHECK(target.when->headers == Condition::NamedValues{{"x-tier", "gold"}});
  CHECK(target.when->metadata == Condition::NamedValues{{"plan", "*"}});
  CHECK(target.when->input_tokens_over == 10);
  CHECK(target.when->input_tokens_under == 20);
  CHECK(target.when->minutes == std::pair(22 * 60, 6 * 60 + 30));
  REQUIRE(target.canary);
  CHECK(target.canary->hundredths == 250);
  CHECK(target.canary->by->by == IdentifiedBy::user);
  CHECK(target.can == std::uint8_t{1 | 8});
  CHECK(target.context_length == 8192);
  for (const std::string wrong : {"canary: {percent: 101}", "canary: {percent: 1.234}", "canary: {}",
                                  "canary: {percent: -1}", "canary: {percent: .5}", "when: {hours: '6-7'}",
                                  "when: {hours: '06:00-06:00'}", "when: {input_tokens_over: 5, input_tokens_under: 6}",
                                  "when: {header: {'a b': c}}", "can: [taste]", "context_length: 0"}) {
    INFO(wrong);
    CHECK(faults("{targets: [{provider: sim, " + wrong + "}]}").size() == 1);
  }
}

TEST_CASE("hedges: after a percentile or a time", "[config][routing]") {
  CHECK_FALSE(route_of("{targets: [{provider: sim}]}").hedge);
  const auto hedge = [](const std::string& text) {
    return *route_of("{hedge: " + text + ", targets: [{provider: sim}]}").hedge;
  };
  CHECK(hedge("{}").percentile == 95);
  CHECK_FALSE(hedge("{}").after);
  CHECK(hedge("{}").most == 1);
  CHECK(hedge("{after: p50, most: 3}").percentile == 50);
  CHECK(hedge("{after: p50, most: 3}").most == 3);
  CHECK(hedge("{after: 800ms}").after == std::chrono::milliseconds(800));
  for (const char* wrong : {"p49", "p100", "p", "0ms", "800", "-1ms", "p9.5"}) {
    INFO(wrong);
    CHECK(faults(std::string("{hedge: {after: ") + wrong + "}, targets: [{provider: sim}]}").size() == 1);
  }
  CHECK(faults("{hedge: {most: 0}, targets: [{provider: sim}]}").size() == 1);
}

TEST_CASE("outliers, and tags of requests", "[config][routing]") {
  const OutlierConfig outliers = good(
                                     "outliers: {errors_over: 0.3, slower_than: 2.5, least_attempts: 50, rest: 10s, "
                                     "longest_rest: 1m, at_most: 0.3}\n")
                                     .outliers;
  CHECK(outliers.errors_over == 0.3);
  CHECK(outliers.slower_than == 2.5);
  CHECK(outliers.least_attempts == 50);
  CHECK(outliers.rest == std::chrono::seconds(10));
  CHECK(outliers.longest_rest == std::chrono::minutes(1));
  CHECK(outliers.at_most == 0.3);
  CHECK(mistakes_of("outliers: {rest: 1h}\n") == Lines{"f:1:18: 'longest_rest' in outliers is shorter than 'rest'"});
  CHECK(mistakes_of("outliers: {slower_than: 1001}\n").size() == 1);
  CHECK(mistakes_of("outliers: {at_most: 1.1}\n").size() == 1);
  CHECK(route_of("{targets: [{provider: sim, when: {tags: [a, b]}}]}").targets[0].when->tags ==
        std::vector<std::string>{"a", "b"});
}
