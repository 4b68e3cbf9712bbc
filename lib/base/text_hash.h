// A hash of texts that is the same on every machine and in every version: FNV-1a. Not for what others may choose.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace gateway {

inline std::uint64_t text_hash(std::string_view text) noexcept {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

// An id that stands for a text: the prefix, and the hash in 16 hexadecimal digits.
inline std::string hashed_id(std::string_view prefix, std::string_view text) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(text_hash(text)));
  return std::string(prefix) + digits;
}

// The id itself, or one in its place if it has more characters than are accepted.
inline std::string bounded_id(std::string_view prefix, std::string_view id, std::size_t most) {
  return id.size() <= most ? std::string(id) : hashed_id(prefix, id);
}

}  // namespace gateway
