// One slot of a journal, as bytes, native byte order: {sequence, checksum, kind, size, record}. A row is packed: its
// texts without their unused bytes, so that a usual record touches a few cache lines and not the entire slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/row.h"
#include "ledger/fold.h"

namespace gateway {

inline constexpr std::size_t kSlotHeader = 16;
inline constexpr std::size_t kSlotSize = kSlotHeader + (sizeof(Row) + 7) / 8 * 8;
using Slot = std::span<std::byte, kSlotSize>;
using ConstSlot = std::span<const std::byte, kSlotSize>;

// Has as much of a slot as a usual record takes brought into the cache meanwhile: a ring is larger than the near ones.
inline void fetch_to_read(ConstSlot slot) noexcept {
  for (std::size_t at = 0; at < 384; at += 64) __builtin_prefetch(slot.data() + at);
}
inline void fetch_to_write(Slot slot) noexcept {
  for (std::size_t at = 0; at < 384; at += 64) __builtin_prefetch(slot.data() + at, 1);
}

// Writes a record into a slot, aligned to 8. At whichever instruction the process dies, the slot is afterwards empty or
// holds the complete record. Sequences start at 1. `salt` goes into the checksum: slots of another journal do not pass.
void write_slot(Slot slot, std::uint64_t sequence, std::uint32_t salt, const Row& row) noexcept;
void write_slot(Slot slot, std::uint64_t sequence, std::uint32_t salt, const RefusalCount& count) noexcept;

// The slots of version 3, the last one before this, in a journal that an earlier build left. What such a slot holds is
// put into one of this version; what is not complete stays so.
inline constexpr std::size_t kVersion3Slot = 1048;
void upgrade_slot(std::span<const std::byte, kVersion3Slot> old, std::uint32_t salt, Slot slot) noexcept;

// 0: the slot is empty.
std::uint64_t slot_sequence(ConstSlot slot) noexcept;
// Whether it holds a complete record; accepts any bytes at any alignment.
bool is_record(ConstSlot slot, std::uint32_t salt) noexcept;

// What a slot holds, complete or not.
bool is_row(ConstSlot slot) noexcept;
bool is_open_row(ConstSlot slot) noexcept;
RowId row_id(ConstSlot slot) noexcept;
WallTime dispatched_at(ConstSlot slot) noexcept;

// Of a complete record alone, and of the requested kind.
void unpack_row(ConstSlot slot, Row& row) noexcept;
RefusalCount refusal_in(ConstSlot slot) noexcept;

// What the accounts need of a complete row, without the rest of it.
struct RowCost {
  std::string_view project;  // lies in the slot
  WallTime accepted{};
  Money cost;
};
RowCost row_cost(ConstSlot slot) noexcept;

}  // namespace gateway
