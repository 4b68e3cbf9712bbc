// How long one decision of a route takes, by its strategy and its number of targets.
#include <benchmark/benchmark.h>

#include <optional>
#include <string>
#include <vector>

#include "policy/routing/route_choice.h"
#include "policy/routing/strategies.h"

namespace gateway {
namespace {

struct Decisions {
  Decisions(Strategy strategy, std::size_t count) {
    route.pattern = "fast";
    route.strategy = strategy;
    for (std::size_t i = 0; i < count; ++i) {
      TargetConfig& target = route.targets.emplace_back();
      target.provider = "provider" + std::to_string(i);
      target.model = "model";
      target.weight = static_cast<int>(1 + i % 7);
    }
    candidates = table.emplace(route).candidates;
    for (std::size_t i = 0; i < count; ++i) {
      Candidate& each = candidates[i];
      each.cost = Money::units(static_cast<std::int64_t>(i * 7919 % 101));
      each.first_event = Duration(1 + i * 104'729 % 997);
      each.in_flight = static_cast<std::int64_t>(i * 31 % 17);
    }
  }
  RouteConfig route;
  std::optional<RouteTable> table;
  RouteFacts facts;
  std::vector<Candidate> candidates;
};

void decide(benchmark::State& state, Strategy strategy, bool sticky) {
  Decisions decisions(strategy, static_cast<std::size_t>(state.range(0)));
  if (sticky) decisions.route.sticky = Identity{IdentifiedBy::user, {}};
  decisions.facts.user = "a user's name";
  for (auto _ : state) {
    RouteChoice choice;
    ++decisions.facts.turn;
    choose(*decisions.table, decisions.facts, decisions.candidates, choice);
    benchmark::DoNotOptimize(choice);
  }
}

BENCHMARK_CAPTURE(decide, ordered, Strategy::ordered, false)->Arg(3)->Arg(100);
BENCHMARK_CAPTURE(decide, weighted, Strategy::weighted, false)->Arg(3)->Arg(100);
BENCHMARK_CAPTURE(decide, sticky, Strategy::weighted, true)->Arg(3)->Arg(100);
BENCHMARK_CAPTURE(decide, cheapest, Strategy::cheapest, false)->Arg(3)->Arg(100);
BENCHMARK_CAPTURE(decide, fastest, Strategy::fastest, false)->Arg(3)->Arg(100);
BENCHMARK_CAPTURE(decide, least_busy, Strategy::least_busy, false)->Arg(3)->Arg(100);

}  // namespace
}  // namespace gateway

BENCHMARK_MAIN();
