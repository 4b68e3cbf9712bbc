#include "ledger/fold.h"

#include <bit>
#include <cstring>

namespace gateway {
namespace {

std::uint64_t hash_of(const RowId& id) noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, id.request.bytes.data(), sizeof halves);
  const std::uint64_t rest = std::uint64_t{id.attempt} << 16 | id.entry;
  std::uint64_t hash = (halves[0] ^ rest) * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 32) ^ halves[1]) * 0xff51afd7ed558ccd;
  return hash ^ (hash >> 32);
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
