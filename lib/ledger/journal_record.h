// One slot of a journal, as bytes: {sequence, checksum, kind, Row or RefusalCount}, native byte order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

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
// Takes any bytes at any alignment. Nothing: not a whole record.
std::variant<std::monostate, Row, RefusalCount> read_slot(ConstSlot slot, std::uint32_t salt) noexcept;

}  // namespace gateway
