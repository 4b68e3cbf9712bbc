#include "ledger/journal_header.h"

#include <array>
#include <atomic>
#include <cstring>

#include "base/checksum.h"
#include "ledger/journal_format.h"
#include "ledger/journal_record.h"

namespace gateway {
namespace {

struct Fixed {
  std::array<char, 8> magic{'g', 'w', 'j', 'r', 'n', 'l', '\r', '\n'};
  std::uint32_t version = kJournalVersion;
  std::uint32_t slot_size = kSlotSize;
  std::uint64_t capacity = 0;
  std::uint64_t process = 0;
};
static_assert(std::is_trivially_copyable_v<Fixed> && std::has_unique_object_representations_v<Fixed>);

constexpr std::uint64_t kMostSlots = std::uint64_t{1} << 40;
constexpr std::size_t kChecksumAt = sizeof(Fixed);
constexpr std::size_t kTailAt = 64;  // a cache line of its own: it is written all the time

std::uint32_t checksum_of(const Fixed& fixed) noexcept { return crc32c(std::as_bytes(std::span(&fixed, 1))); }

// The tail and its checksum share one word: 48 bits count for decades, 16 detect a damaged one.
std::uint64_t sealed(std::uint64_t tail) noexcept {
  return tail << 16 | (crc32c(std::as_bytes(std::span(&tail, 1))) & 0xFFFFU);
}

}  // namespace

void write_journal_header(std::span<std::byte, kJournalPage> page, std::uint64_t capacity,
                          std::uint64_t process) noexcept {
  std::memset(page.data(), 0, page.size());
  const Fixed fixed{.capacity = capacity, .process = process};
  const std::uint32_t checksum = checksum_of(fixed);
  std::memcpy(page.data(), &fixed, sizeof fixed);
  std::memcpy(page.data() + kChecksumAt, &checksum, sizeof checksum);
  write_journal_tail(page, 0);
}

void write_journal_tail(std::span<std::byte, kJournalPage> page, std::uint64_t tail) noexcept {
  std::atomic_ref(*reinterpret_cast<std::uint64_t*>(page.data() + kTailAt))
      .store(sealed(tail), std::memory_order_release);
}

std::optional<JournalHeader> read_journal_header(std::span<const std::byte> memory) noexcept {
  if (memory.size() < kJournalPage) return std::nullopt;
  Fixed fixed;
  std::uint32_t checksum;
  std::uint64_t word;
  std::memcpy(&fixed, memory.data(), sizeof fixed);
  std::memcpy(&checksum, memory.data() + kChecksumAt, sizeof checksum);
  std::memcpy(&word, memory.data() + kTailAt, sizeof word);

  const Fixed ours;
  const bool readable = (fixed.version == ours.version && fixed.slot_size == ours.slot_size) ||
                        (fixed.version == 3 && fixed.slot_size == kVersion3Slot);
  if (fixed.magic != ours.magic || !readable || fixed.capacity == 0 || fixed.capacity > kMostSlots ||
      checksum != checksum_of(fixed)) {
    return std::nullopt;
  }
  JournalHeader header{
      .capacity = fixed.capacity, .process = fixed.process, .version = fixed.version, .tail = word >> 16};
  if (sealed(*header.tail) != word) header.tail.reset();
  return header;
}

}  // namespace gateway
