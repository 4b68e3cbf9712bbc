#include "ledger/fold.h"

#include <cstring>

namespace gateway {

std::size_t RowFold::IdHash::operator()(const Id& id) const noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, id.request.bytes.data(), sizeof halves);
  const std::uint64_t rest = std::uint64_t{id.attempt} << 16 | id.entry;
  std::uint64_t hash = (halves[0] ^ rest) * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 32) ^ halves[1]) * 0xff51afd7ed558ccd;
  return static_cast<std::size_t>(hash ^ (hash >> 32));
}

void RowFold::clear() {
  rows_.clear();
  places_.clear();
}

void RowFold::add(const Row& row) {
  const auto [place, added] = places_.try_emplace({row.request, row.attempt, row.entry}, rows_.size());
  if (added) {
    rows_.push_back(row);
  } else if (Row& there = rows_[place->second]; there.state == RowState::open) {
    there = row;
  }
}

}  // namespace gateway
