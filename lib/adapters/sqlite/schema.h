// The tables, and how a file comes to have them.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "adapters/sqlite/database.h"
#include "gateway/time.h"

namespace gateway::sqlite {

inline constexpr int kApplicationId = 0x6d67776c;  // "mgwl", in the file's header
inline constexpr int kSchemaVersion = 10;

// The rollup's step. Every time zone's days begin on such an instant, so any calendar period is a whole number of them.
inline constexpr std::int64_t kBucketMicros = 15LL * 60 * 1'000'000;

constexpr std::int64_t bucket_of(std::int64_t micros) noexcept {
  return micros / kBucketMicros - (micros % kBucketMicros < 0 ? 1 : 0);
}
// Of those of one day of UTC, the first.
inline constexpr std::int64_t kBucketsOfDay = 96;
constexpr std::int64_t first_of_day(std::int64_t bucket) noexcept {
  return bucket - (bucket % kBucketsOfDay + kBucketsOfDay) % kBucketsOfDay;
}
// The whole days among the buckets [first, end), as buckets: first <= out.first <= out.end <= end. None: both are
// `end`.
struct DayRange {
  std::int64_t first, end;
};
constexpr DayRange whole_days(std::int64_t first, std::int64_t end) noexcept {
  constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max() / 2;  // no time is so far off
  const std::int64_t day = first < -kFar ? first : first_of_day(first + kBucketsOfDay - 1);
  const std::int64_t end_day = end > kFar ? end : first_of_day(end);
  if (day >= end_day) return {end, end};
  return {day, end_day};
}
inline std::int64_t bucket_of(WallTime time) noexcept { return bucket_of(time.time_since_epoch().count()); }

// The tables of rows, and the view of both.
void create_ledger(Database& db);
// The table of what rows have in common, alone.
void create_kinds(Database& db);
// The table of sums by day alone.
void create_days(Database& db);
// The table of where the rows of each quarter of an hour lie, alone.
void create_quarters(Database& db);
// The table of who made which answer, alone.
void create_answers(Database& db);
// The table of processes alone.
void create_processes(Database& db);
// The view alone.
void create_view(Database& db);
// SQL that makes the one that is written for each row, and its index, in that one of a connection's files.
std::string create_entries(const std::string& schema);

// Opens the file and verifies that it is a ledger of this schema; makes it one if it is empty and may be written.
Result<std::unique_ptr<Database>> open_ledger(const std::string& path, Access access, int busy_timeout_ms);

}  // namespace gateway::sqlite
