// A policy under test: a provider that fails a tenth of the time is not noticed, and hardly ever costs more.
#include <cstdlib>

#include "gateway/simulate.h"
#include "gateway/testing/policy_fixture.h"

using namespace gateway;

int main() {
  sim::Scenario scenario;
  scenario.config.routes = {testing::route("fast", {"first", "second"}, testing::per_million("1", "2"))};
  scenario.traffic = {{.model = "fast", .every = std::chrono::milliseconds(100), .random = true}};
  scenario.providers = {{.provider = "first", .usual = {.errors = {{500, sim::kAll / 10}}}}};

  const sim::Outcome outcome = sim::simulate(scenario).value();
  const bool all_answered = outcome.answered == outcome.requests && outcome.requests > 5000;
  const bool second_used = outcome.targets.size() == 2 && outcome.targets[1].answered > outcome.requests / 20;
  const bool paid_once = outcome.cost == MoneySum(testing::usd("0.0003").times(outcome.requests).value());
  return all_answered && second_used && paid_once ? EXIT_SUCCESS : EXIT_FAILURE;
}
