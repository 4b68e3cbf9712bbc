// What the ledger's upkeep found and did.
#pragma once

#include <string>
#include <vector>

#include "app/render/table.h"
#include "operations/ledger.h"
#include "operations/reprice.h"

namespace gateway::app {

std::string proof_json(const LedgerProof& proof);
std::string sweep_json(const operations::SweepAnswer& swept);
std::string prune_json(const operations::PruneAnswer& pruned);

std::vector<Column> reprice_columns();
std::vector<Cell> reprice_cells(const operations::RepricedModel& model);

}  // namespace gateway::app
