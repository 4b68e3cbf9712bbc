#include "providers/user_agent.h"

namespace gateway {

std::string_view user_agent() noexcept { return "model-gateway/" GATEWAY_VERSION; }

}  // namespace gateway
