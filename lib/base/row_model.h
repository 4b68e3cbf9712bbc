// A model's name as a row stores it. Names of up to 512 bytes pass, rows have room for 128.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/row.h"

namespace gateway {

// What is longer keeps its beginning, then "..." and a hash of all of it, so that two long names stay two in every sum.
inline FixedText<128> row_model(std::string_view name) noexcept {
  FixedText<128> out(name);
  if (name.size() <= out.capacity()) return out;
  constexpr std::size_t kMark = 3 + 8;
  char text[128];
  std::size_t kept = sizeof text - kMark;
  while (kept > 0 && (name[kept] & '\xC0') == '\x80') --kept;  // never inside a character
  std::uint32_t hash = 2166136261u;                            // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  name.copy(text, kept);
  std::string_view("...").copy(text + kept, 3);
  for (int i = 0; i < 8; ++i)
    text[kept + 3 + static_cast<std::size_t>(i)] = "0123456789abcdef"[hash >> (28 - 4 * i) & 15];
  return out = std::string_view(text, kept + kMark);
}

}  // namespace gateway
