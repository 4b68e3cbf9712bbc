#include "base/key_life.h"

#include <algorithm>

namespace gateway {

void end_key(ApiKey& key, WallTime when, WallTime now) noexcept {
  std::optional<WallTime>& end = when <= now ? key.revoked : key.expires;
  end = end ? std::min(*end, when) : when;
}

// A revoked key stays so whatever a clock that jumped back says; only expiry looks at the time.
std::string_view state_of(const ApiKey& key, WallTime at) noexcept {
  if (key.revoked) return "revoked";
  return key.expires && at >= *key.expires ? "expired" : kActiveKey;
}

}  // namespace gateway
