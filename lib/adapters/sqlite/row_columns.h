// A Row and the columns of the view `ledger`, in the view's order.
#pragma once

#include <cstdint>
#include <span>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/names.h"
#include "gateway/row.h"

namespace gateway::sqlite {

// The numbers of a row's repeating texts.
struct RowNames {
  std::int64_t project = 0, key = 0, asked_model = 0, target_model = 0, served_model = 0, provider = 0;
  std::int64_t error_code = 0, finish_reason = 0, price_version = 0;
};
// `like` and its numbers: another row, whose texts are mostly the same.
RowNames number_names(Names& names, const Row& row, const Row& like, const RowNames& likes);

// Counts are stored within +-10^12, so that no sum of them can leave 64 bits. False: one is beyond.
bool within_limits(const Usage& usage) noexcept;
// The row as it is stored then: its counts clamped, flagged usage_odd.
Row clamped_to_limits(const Row& row);

// Fails the database with `corrupt` if the columns hold what no row can.
Row read_row(Database& db, Names& names, const Query& query);

inline std::span<const std::uint8_t> blob_of(const RequestId& id) { return id.bytes; }

// A signed value as SQLite stores it, of an unsigned one.
inline std::int64_t signed_of(std::uint64_t process) { return static_cast<std::int64_t>(process); }
inline std::int64_t micros_of(WallTime time) { return time.time_since_epoch().count(); }
inline WallTime time_of(std::int64_t micros) { return WallTime(WallTime::duration(micros)); }

}  // namespace gateway::sqlite
