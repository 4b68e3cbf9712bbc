// Deleting old rows: see Ledger::prune.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/result.h"
#include "gateway/time.h"

namespace gateway::sqlite {

// On a connection of its own.
Result<std::int64_t> prune(const std::string& path, WallTime before, WallTime now);

}  // namespace gateway::sqlite
