// `gateway serve --demo`: a configuration of simulated providers, and a ledger of what they would have done in the last
// thirty days.
#pragma once

#include "gateway/config.h"
#include "gateway/result.h"
#include "gateway/store.h"

namespace gateway::app {

// Its providers answer without a network.
Config demo_config();

// Fills the store with keys and with the traffic of the thirty days before `now`: some thousand requests, the same at
// each call with the same `now` but for the keys' ids.
Result<void> fill_demo(Store& store, WallTime now);

}  // namespace gateway::app
