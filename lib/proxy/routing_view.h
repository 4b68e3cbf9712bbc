// What a running gateway routes by, for whoever asks what it would do now.
#pragma once

#include <memory>

#include "gateway/gateway.h"
#include "proxy/health_ref.h"
#include "proxy/snapshot.h"

namespace gateway {

struct RoutingView {
  std::shared_ptr<const Snapshot> snapshot;
  const HealthTable& breakers;  // the core's own
};
// Any thread.
RoutingView routing_of(const Core& core);

}  // namespace gateway
