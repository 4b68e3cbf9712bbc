// When an API key works, and how it comes to its end.
#pragma once

#include <string_view>

#include "gateway/config.h"

namespace gateway {

// Ends the key at `when`: one that has come by `now` revokes it, a later one is when it expires. Of two ends the
// earlier one wins, so a life is never lengthened.
void end_key(ApiKey& key, WallTime when, WallTime now) noexcept;

inline constexpr std::string_view kActiveKey = "active";
// That, "revoked" or "expired".
std::string_view state_of(const ApiKey& key, WallTime at) noexcept;

}  // namespace gateway
