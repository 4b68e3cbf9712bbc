// One slot of a journal, as bytes, native byte order: {sequence, checksum, kind, size, record}. A row is packed: its
// texts without their unused bytes, so that a usual record touches a few cache lines and not the whole slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gateway/row.h"

namespace gateway {

inline constexpr std::size_t kSlotHeader = 16;
inline constexpr std::size_t kSlotSize = kSlotHeader + (sizeof(Row) + 7) / 8 * 8;
using Slot = std::span<std::byte, kSlotSize>;
using ConstSlot = std::span<const std::byte, kSlotSize>;

// Puts a record into a slot, aligned to 8. At whichever instruction the process dies, the slot is afterwards empty or
// holds the whole record. Sequences start at 1. `salt` goes into the checksum: slots of another journal do not pass.
void write_slot(Slot slot, std::uint64_t sequence, std::uint32_t salt, const Row& row) noexcept;
void write_slot(Slot slot, std::uint64_t sequence, std::uint32_t salt, const RefusalCount& count) noexcept;

// 0: the slot is empty.
std::uint64_t slot_sequence(ConstSlot slot) noexcept;
// Both take any bytes at any alignment. read_slot adds the record to one of the two; false: it is not a whole one.
bool is_record(ConstSlot slot, std::uint32_t salt) noexcept;
bool read_slot(ConstSlot slot, std::uint32_t salt, std::vector<Row>& rows, std::vector<RefusalCount>& refusals);

}  // namespace gateway
