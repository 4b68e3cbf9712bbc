// The header page of a journal, as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace gateway {

inline constexpr std::size_t kJournalPage = 4096;

struct JournalHeader {
  std::uint64_t capacity = 0;
  std::uint64_t process = 0;
  std::uint32_t version = 0;          // this one, or 3
  std::optional<std::uint64_t> tail;  // nothing: the tail alone is damaged
};

// The page is aligned to 8.
void write_journal_header(std::span<std::byte, kJournalPage> page, std::uint64_t capacity,
                          std::uint64_t process) noexcept;
// One store, so that it is there completely or not at all.
void write_journal_tail(std::span<std::byte, kJournalPage> page, std::uint64_t tail) noexcept;
// Takes any bytes at any alignment. Nothing: not a header of ours, or of another version than those two.
std::optional<JournalHeader> read_journal_header(std::span<const std::byte> memory) noexcept;

}  // namespace gateway
