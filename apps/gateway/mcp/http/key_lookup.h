// API keys by their text, for calls that come with one: the store's, read again only when it has changed.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "gateway/store.h"
#include "policy/key_ring.h"

namespace gateway::app::mcp {

class KeyLookup {
 public:
  // The key of that text if it is good at `now`. Any thread; blocks on the store.
  Result<std::optional<ApiKey>> find(Store& store, std::string_view text, WallTime now);

 private:
  std::mutex mutex_;
  std::uint64_t version_ = 0;            // under mutex_
  std::shared_ptr<const KeyRing> ring_;  // under mutex_
};

}  // namespace gateway::app::mcp
