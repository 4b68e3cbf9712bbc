// Where a row lies in `entries`: its rowid. Rows of one time lie together, in the order of time, so that what is new
// goes to the table's end and a row is found by its request without an index.
#pragma once

#include <cstdint>

#include "gateway/row.h"

namespace gateway::sqlite {

// 42 bits of the request's milliseconds since 1970, and 21 that distinguish the rows of a millisecond. A row lies at
// its home or, if that was taken, at the first free row id after it in its millisecond. So whoever looks for a row from
// its home on, up to the first free row id, finds it; and what comes a second time finds its home taken. To keep this
// so, a row id is released only to the same row, or by all rows of a millisecond together.
struct RowPlaces {
  std::int64_t first = 0, last = 0;  // both belong to it
};
inline constexpr int kPlaceBits = 21;
inline constexpr std::int64_t kPlacesMask = (std::int64_t{1} << kPlaceBits) - 1;

constexpr RowPlaces places_around(std::int64_t place) noexcept { return {place & ~kPlacesMask, place | kPlacesMask}; }
// Milliseconds beyond 42 bits (the year 2109) are all the last one.
RowPlaces places_of(const RequestId& request) noexcept;
// Requests of a worker that follow one another have homes that do, and so have a request's attempts and adjustments.
std::int64_t home_of(const RequestId& request, std::uint16_t attempt, std::uint16_t entry) noexcept;
// The row id after this one, wrapping around.
constexpr std::int64_t next_place(const RowPlaces& places, std::int64_t place) noexcept {
  return place == places.last ? places.first : place + 1;
}

}  // namespace gateway::sqlite
