// A conversation written as a chat completions body, for clients that speak otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chat/request.h"
#include "gateway/result.h"
#include "gateway/route.h"

namespace gateway {

struct OpenAiBodyOptions {
  std::string_view model;
  bool stream = false;
  bool ask_usage = false;                  // of a stream, by stream_options
  std::optional<std::int64_t> max_output;  // in place of the conversation's own
  LengthField length_field = LengthField::max_completion_tokens;
};

// Appended. Error: unsupported, and names what a chat completions body has no place for; `out` may then hold a part.
Result<void> append_openai_body(std::string& out, const ChatRequest& chat, const OpenAiBodyOptions& options);

}  // namespace gateway
