#include "adapters/sqlite/row_place.h"

#include <algorithm>
#include <cstddef>

namespace gateway::sqlite {
namespace {

constexpr int kRequestBits = 17, kEntryBits = 4;
static_assert(kRequestBits + kEntryBits == kPlaceBits);
constexpr std::uint64_t kMostMilliseconds = (std::uint64_t{1} << (63 - kPlaceBits)) - 1;
// Workers of a process count from the same number: far apart here.
constexpr std::uint64_t kWorkersApart = 81007;  // 2^17 in the golden ratio

std::uint64_t big_endian(const RequestId& request, std::size_t from, std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | request.bytes[from + i];
  return value;
}

constexpr std::uint64_t low(std::uint64_t value, int bits) noexcept { return value & ((std::uint64_t{1} << bits) - 1); }

}  // namespace

RowPlaces places_of(const RequestId& request) noexcept {
  const std::uint64_t milliseconds = std::min(big_endian(request, 0, 6), kMostMilliseconds);
  return places_around(static_cast<std::int64_t>(milliseconds << kPlaceBits));
}

std::int64_t home_of(const RequestId& request, std::uint16_t attempt, std::uint16_t entry) noexcept {
  const std::uint64_t worker = big_endian(request, 6, 2), sequence = big_endian(request, 8, 8);
  const std::uint64_t of_request = low(sequence + worker * kWorkersApart, kRequestBits);
  const std::uint64_t of_entry = low(attempt - 1U, 2) | low(entry, 2) << 2;
  return places_of(request).first + static_cast<std::int64_t>(of_request << kEntryBits | of_entry);
}

}  // namespace gateway::sqlite
