// What we call ourselves to providers, some of which refuse calls without a User-Agent.
#pragma once

#include <string_view>

namespace gateway {

std::string_view user_agent() noexcept;  // "model-gateway/0.1.0"

}  // namespace gateway
