// Gauges of the core: the ledger's queue, caps and holds, breakers. Prometheus text format 0.0.4.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/gateway.h"
#include "proxy/project_state.h"
#include "proxy/snapshot.h"

namespace gateway {

// Appends. `wall` selects the period whose caps hold.
void write_core_metrics(std::string& out, const CoreStats& stats, const Snapshot& snapshot,
                        const std::vector<TargetHealthView>& health, WallTime wall);

}  // namespace gateway
