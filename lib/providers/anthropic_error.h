// Errors of Anthropic's API.
#pragma once

#include <string_view>

#include "chat/provider_error.h"

namespace gateway {

// Fills in what the error's type says, and what stands in its words alone: the HTTP status that an error within a
// stream means; that it is about our account, not about the request.
// `can_wait`: it came with a time after which a retry may help.
void judge_anthropic_error(ProviderError& error, bool can_wait) noexcept;

}  // namespace gateway
