// A conversation written as a body of Anthropic's Messages API, for clients that speak otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chat/request.h"
#include "gateway/result.h"
#include "providers/anthropic_models.h"
#include "providers/carried.h"

namespace gateway {

struct AnthropicBodyOptions {
  std::string_view model{};
  AnthropicModel abilities{};
  bool stream = false;
  std::optional<std::int64_t> max_output{};    // in place of the conversation's own
  std::optional<std::int64_t> output_bound{};  // the most where neither is given; absent: what the model can
};

// Appended. Error: unsupported, and names what has no place there; `out` may then hold a part.
Result<void> append_anthropic_body(std::string& out, const ChatRequest& chat, const AnthropicBodyOptions& options,
                                   Dropped& dropped);

}  // namespace gateway
