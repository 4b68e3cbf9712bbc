#include "policy/key_ring.h"

#include <cstring>
#include <utility>

#include "base/key_life.h"

namespace gateway {
namespace {

std::uint64_t place_of(const KeyHash& hash) noexcept {
  std::uint64_t first;
  std::memcpy(&first, hash.data(), sizeof first);
  return first;
}

bool equal(const KeyHash& a, const KeyHash& b) noexcept {
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace

KeyRing::KeyRing(std::vector<ApiKey> keys) : keys_(std::move(keys)) {
  places_.reserve(keys_.size());
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    places_.emplace(place_of(keys_[i].hash), static_cast<std::uint32_t>(i));
  }
}

const ApiKey* KeyRing::find(const KeyHash& hash, WallTime at) const noexcept {
  const auto [begin, end] = places_.equal_range(place_of(hash));
  for (auto it = begin; it != end; ++it) {
    const ApiKey& key = keys_[it->second];
    if (equal(key.hash, hash) && state_of(key, at) == kActiveKey) return &key;
  }
  return nullptr;
}

}  // namespace gateway
