// What came of a play, added up as answers come and rows close; none of them is kept.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/simulate.h"
#include "sim/play/histogram.h"
#include "sim/play/player.h"

namespace gateway::sim {

class Tally {
 public:
  explicit Tally(const Scenario& scenario);  // outlives it
  void answer(const Player& player, Duration now);
  void row(const Row& row);
  Outcome outcome(Duration ended) const;

 private:
  struct Target {
    TargetFigures figures;
    Histogram took;
  };
  struct Expected {
    const Expectation* written;
    std::int64_t count = 0, of = 0;
    MoneySum spent{};
    std::optional<Duration> first{};
    Histogram took{};
  };
  std::size_t target_of(const Row& row);
  Bucket& bucket_at(Duration at);
  std::string_view project_of(const Traffic& traffic) const;
  bool asked_for(const Filter& filter, const Player& player) const;

  const Scenario& scenario_;
  Outcome sums_;
  Histogram took_;
  std::vector<Target> targets_;
  std::map<std::string, std::size_t, std::less<>> places_;  // of targets
  std::string name_;                                        // of a target, being looked up
  std::vector<Expected> expected_;
};

}  // namespace gateway::sim
