// The stored comparisons with providers' bills, as JSON.
#pragma once

#include <string>

#include "operations/reconciliation.h"

namespace gateway::app {

std::string reconciliation_json(const operations::ReconciliationReport& report);

}  // namespace gateway::app
