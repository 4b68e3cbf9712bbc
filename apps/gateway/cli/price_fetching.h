// `gateway prices diff` and `gateway prices refresh`.
#pragma once

#include "app/cli/command_context.h"

namespace gateway::app {

class Command;  // app/cli/parser/command.h

void add_price_fetching(Command& prices, Session& session);

}  // namespace gateway::app
