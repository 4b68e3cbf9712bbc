// When the requests of a scenario come, and how large they are.
#pragma once

#include <optional>
#include <vector>

#include "sim/play/random.h"
#include "sim/play/request.h"

namespace gateway::sim {

class Arrivals {
 public:
  explicit Arrivals(const Scenario& scenario);  // outlives it
  // Of several at the same instant, those of the traffic that is listed first.
  bool next(PlayedRequest& request);

 private:
  struct Source {
    const Traffic* traffic;
    Random random;
    std::size_t listed = 0;  // of Traffic::at
    std::optional<Duration> due{};
  };
  void advance(Source& source) const;
  Duration gap(Source& source) const;

  Duration length_;
  std::vector<Source> sources_;
};

}  // namespace gateway::sim
