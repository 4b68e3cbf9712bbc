// A row in SQLite's record format: see sqlite.org/fileformat2.html, "Record Format".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "gateway/result.h"

namespace gateway::sqlite {

// All numbers of the format have their most significant byte first.
template <std::size_t size>
void put_big_endian(std::uint8_t* out, std::uint64_t value) noexcept {
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
}
// 1 to 9 bytes; returns the position after them.
inline constexpr std::size_t kMostVarint = 9;
std::uint8_t* put_varint(std::uint8_t* out, std::uint64_t value) noexcept;

// Columns are appended in their order. What goes beyond the sizes below ends the program.
class Record {
 public:
  static constexpr std::size_t kMostColumns = 40;
  static constexpr std::size_t kMostBytes = 1024;  // of all values

  void clear() noexcept { types_size_ = values_size_ = 0; }
  void null() {
    make_room(0);
    types_[types_size_++] = 0;
  }
  void integer(std::int64_t value);
  void text(std::string_view text) { put(2 * text.size() + 13, text.data(), text.size()); }
  void blob(std::span<const std::uint8_t> blob) { put(2 * blob.size() + 12, blob.data(), blob.size()); }

  // After what is there already.
  void append_to(std::vector<std::uint8_t>& out) const;

 private:
  void put(std::uint64_t type, const void* value, std::size_t size);
  void make_room(std::size_t size) const {
    const bool there_is = types_size_ + kMostTypeSize <= types_.size() && values_size_ + size < values_.size();
    if (!there_is) detail::die("a record is too large");
  }

  static constexpr std::size_t kMostTypeSize = 2;
  // A record is its header's size, the types and the values. Of values this small a type has two bytes at most, and of
  // so few columns the header's size one.
  std::array<std::uint8_t, kMostTypeSize * kMostColumns> types_;
  std::array<std::uint8_t, kMostBytes> values_;
  std::size_t types_size_ = 0, values_size_ = 0;
};

}  // namespace gateway::sqlite
