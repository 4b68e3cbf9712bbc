#include "ledger/fold.h"

#include <bit>
#include <cstring>

namespace gateway {
namespace {

// Every bit of the input moves every bit of the output, as in the end of MurmurHash3: what differs between ids of one
// moment lies in their last bytes.
std::uint64_t mixed(std::uint64_t bits) noexcept {
  bits = (bits ^ bits >> 33) * 0xff51afd7ed558ccd;
  bits = (bits ^ bits >> 33) * 0xc4ceb9fe1a85ec53;
  return bits ^ bits >> 33;
}

std::uint64_t hash_of(const RowId& id) noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, id.request.bytes.data(), sizeof halves);
  return mixed(mixed(halves[0] ^ (std::uint64_t{id.attempt} << 16 | id.entry)) ^ halves[1]);
}

}  // namespace

void RecordFold::clear(std::size_t most) {
  counting_.clear();
  table_.assign(std::bit_ceil(2 * most + 1), 0);
}

void RecordFold::add(const Record& record) {
  const std::size_t mask = table_.size() - 1;
  for (std::size_t at = hash_of(record.id) & mask;; at = (at + 1) & mask) {
    if (table_[at] == 0) {
      counting_.push_back(record);
      table_[at] = static_cast<std::uint32_t>(counting_.size());
      return;
    }
    Record& known = counting_[table_[at] - 1];
    if (known.id != record.id) continue;
    if (known.open) known = record;
    return;
  }
}

std::vector<Row> fold_rows(std::span<const Row> rows) {
  RecordFold fold;
  fold.clear(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) fold.add({id_of(rows[i]), rows[i].state == RowState::open, i});
  std::vector<Row> out;
  out.reserve(fold.counting().size());
  for (const auto& record : fold.counting()) out.push_back(rows[record.at]);
  return out;
}

}  // namespace gateway
