// An Upstream that is a provider itself, in process: deterministic answers, streams and faults, selected by the model's
// name (see simulated_script.h). Makes the first run, offline tests and demonstrations possible without a network.
#pragma once

#include <memory>

#include "gateway/timer.h"
#include "gateway/upstream.h"

namespace gateway {

class SimulatedUpstream final : public Upstream {
 public:
  explicit SimulatedUpstream(Timer& timer) : timer_(timer) {}
  std::unique_ptr<Call> start(const UpstreamRequest& request, UpstreamReply& reply) override;

 private:
  Timer& timer_;
};

}  // namespace gateway
