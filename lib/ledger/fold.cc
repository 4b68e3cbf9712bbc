#include "ledger/fold.h"

#include <bit>
#include <cstring>

namespace gateway {
namespace {

std::uint64_t hash_of(const Row& row) noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, row.request.bytes.data(), sizeof halves);
  const std::uint64_t rest = std::uint64_t{row.attempt} << 16 | row.entry;
  std::uint64_t hash = (halves[0] ^ rest) * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 32) ^ halves[1]) * 0xff51afd7ed558ccd;
  return hash ^ (hash >> 32);
}

bool same_id(const Row& a, const Row& b) noexcept {
  return a.request == b.request && a.attempt == b.attempt && a.entry == b.entry;
}

}  // namespace

void RowFold::fold(std::vector<Row>& rows) {
  sources_.clear();
  table_.assign(std::bit_ceil(2 * rows.size() + 1), 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::uint32_t& source = sources_[place_of(rows, i)];
    if (rows[source].state == RowState::open) source = static_cast<std::uint32_t>(i);
  }
  // A source is never before its place, so none is written over before it is taken.
  for (std::size_t place = 0; place < sources_.size(); ++place) {
    if (sources_[place] != place) rows[place] = rows[sources_[place]];
  }
  rows.resize(sources_.size());
}

std::size_t RowFold::place_of(const std::vector<Row>& rows, std::size_t index) {
  const std::size_t mask = table_.size() - 1;
  for (std::size_t at = hash_of(rows[index]) & mask;; at = (at + 1) & mask) {
    if (table_[at] == 0) {
      sources_.push_back(static_cast<std::uint32_t>(index));
      table_[at] = static_cast<std::uint32_t>(sources_.size());
    }
    const std::size_t place = table_[at] - 1;
    if (same_id(rows[sources_[place]], rows[index])) return place;
  }
}

}  // namespace gateway
