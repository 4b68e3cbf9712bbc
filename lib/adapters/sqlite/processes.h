// Which processes live, by their heartbeats, and which were fenced.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "adapters/sqlite/database.h"
#include "gateway/leases.h"

namespace gateway::sqlite {

// Within a write transaction; see Leases.
Result<void> check_not_fenced(Database& db, std::uint64_t process);
void beat(Database& db, std::uint64_t process, WallTime now, std::chrono::milliseconds life);
void fence(Database& db, std::uint64_t process, WallTime now);
void release_process(Database& db, std::uint64_t process);

// Within a transaction: those that are not released, and those that have slices.
std::vector<ProcessState> read_processes(Database& db, WallTime now);

}  // namespace gateway::sqlite
