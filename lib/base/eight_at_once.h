// Characters of a text looked at eight at once, in a word of 64 bits. A test marks a character by its byte's high bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace gateway::eight {

inline constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;

// Those below `limit`, which is at most 0x80.
constexpr std::uint64_t below(std::uint64_t word, std::uint64_t limit) noexcept {
  return ~((word | kHighs) - kOnes * limit) & ~word & kHighs;
}
constexpr std::uint64_t equal(std::uint64_t word, unsigned char c) noexcept { return below(word ^ (kOnes * c), 1); }
constexpr std::uint64_t beyond_ascii(std::uint64_t word) noexcept { return word & kHighs; }

// Whether marks() marks none of the characters. It must not mark the letter a.
template <class Marks>
bool none(std::string_view text, Marks marks) noexcept {
  if (text.size() < 8) {
    std::uint64_t word = kOnes * 'a';
    for (const char c : text) word = word << 8 | static_cast<unsigned char>(c);
    return marks(word) == 0;
  }
  const auto at = [&](std::size_t place) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + place, sizeof word);
    return word;
  };
  std::uint64_t bad = marks(at(text.size() - 8));  // and some of these twice
  for (std::size_t i = 0; i + 8 < text.size(); i += 8) bad |= marks(at(i));
  return bad == 0;
}

}  // namespace gateway::eight
