// Gauges of the core: the ledger's queue, caps and holds, breakers. Prometheus text format 0.0.4.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/gateway.h"
#include "proxy/health_ref.h"
#include "proxy/project_state.h"
#include "proxy/snapshot.h"

namespace gateway {

// Appends. `now` and `wall` say which period's caps and which breakers hold.
void write_core_metrics(std::string& out, const CoreStats& stats, const Snapshot& snapshot, const HealthTable& health,
                        TimePoint now, WallTime wall);

}  // namespace gateway
