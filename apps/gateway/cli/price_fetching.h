// `gateway prices diff` and `gateway prices refresh`.
#pragma once

#include "app/cli/command_context.h"

namespace CLI {
class App;
}

namespace gateway::app {

void add_price_fetching(CLI::App& prices, Session& session);

}  // namespace gateway::app
