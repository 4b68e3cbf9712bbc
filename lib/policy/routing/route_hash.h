// Hashes that decide where requests go: the same on every machine. Another version may move `sticky` requests once.
#pragma once

#include <cstdint>
#include <string_view>

namespace gateway {

// The finalizer of SplitMix64: every bit of the input changes half of those of the output.
constexpr std::uint64_t mixed(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// FNV-1a, then mixed.
constexpr std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325u ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return mixed(hash);
}

}  // namespace gateway
