// The flags that choose rows of the ledger, and sums of it.
#pragma once

#include "app/cli/flags.h"
#include "app/values/queries.h"

namespace gateway::app {

void add_flags(Command& command, RowTexts& filter);
void add_flags(Command& command, UsageTexts& filter);

}  // namespace gateway::app
