#include "adapters/sqlite/quarters.h"

#include <algorithm>

#include "adapters/sqlite/row_columns.h"
#include "adapters/sqlite/row_place.h"
#include "adapters/sqlite/schema.h"

namespace gateway::sqlite {

// A row may lie anywhere within its millisecond.
void QuarterChanges::add(const Row& row) {
  const RowPlaces places = places_of(row.request);
  const std::int64_t bucket = bucket_of(row.accepted);
  if (last_ == nullptr || last_->first != bucket)
    last_ = &*quarters_.try_emplace(bucket, Quarter{.first = places.first, .last = places.last}).first;
  Quarter& quarter = last_->second;
  quarter.first = std::min(quarter.first, places.first);
  quarter.last = std::max(quarter.last, places.last);
  if (row.ended != WallTime{})
    quarter.longest = std::max(quarter.longest, micros_of(row.ended) - micros_of(row.accepted));
  quarter.dearest = std::max(quarter.dearest, row.cost.units());
}

void QuarterChanges::write(Database& db) const {
  for (const auto& [bucket, quarter] : quarters_) {
    Query(db,
          "INSERT INTO quarters VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET first = min(first, excluded.first),"
          " last = max(last, excluded.last), longest = max(longest, excluded.longest),"
          " dearest = max(dearest, excluded.dearest)",
          bucket, quarter.first, quarter.last, quarter.longest, quarter.dearest)
        .run();
  }
}

}  // namespace gateway::sqlite
