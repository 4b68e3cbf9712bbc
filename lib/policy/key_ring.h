// API keys by their hash. Immutable once built; read by all threads.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/config.h"

namespace gateway {

class KeyRing {
 public:
  explicit KeyRing(std::vector<ApiKey> keys);
  // The key with that hash, if it is neither revoked nor expired at `at`; null otherwise. Whole hashes are compared in
  // constant time.
  const ApiKey* find(const KeyHash& hash, WallTime at) const noexcept;
  std::size_t size() const noexcept { return keys_.size(); }

 private:
  std::vector<ApiKey> keys_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> places_;  // by the first 8 bytes of the hash
};

}  // namespace gateway
