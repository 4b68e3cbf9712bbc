// Which requests a staged configuration serves: see Core::stage.
#pragma once

#include <string_view>

#include "gateway/config.h"
#include "policy/routing/route_hash.h"

namespace gateway {

// `request`: its id. Who is in a share is in every larger one.
inline bool is_staged(const StagedShare& share, std::string_view request, std::string_view project) noexcept {
  constexpr std::uint64_t kSeed = 0x7374616765u;  // so that it is independent of what routes choose
  const std::uint64_t hash = hash_of(share.of == StagedShare::Of::projects ? project : request, kSeed);
  return hash % 100 < static_cast<std::uint64_t>(share.percent);
}

}  // namespace gateway
