// Making API keys.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/config.h"

namespace gateway {

struct NewApiKey {
  std::string text;  ///< "gk-...": to be shown once, and kept nowhere
  ApiKey stored;     ///< for Tenants::put_key: holds only its hash
};

/// From 48 bytes that nobody can guess: the library itself uses no system source.
NewApiKey make_api_key(const std::array<std::uint8_t, 48>& random, std::string_view project, std::string_view name = {},
                       WallTime created = {}, std::optional<WallTime> expires = std::nullopt);

}  // namespace gateway
