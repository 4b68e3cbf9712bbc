// The parts of such a body. For .cc files of this folder.
#pragma once

#include <string>

#include "chat/request.h"
#include "gateway/result.h"
#include "providers/carried.h"
#include "providers/responses_body.h"

namespace gateway::responses {

inline constexpr std::string_view kOwn = "openai";

// Member `input`. Error: unsupported.
Result<void> append_input(std::string& out, const ChatRequest& chat, const ResponsesBodyOptions& options,
                          Dropped& dropped);
// Members `tools`, `tool_choice` and `parallel_tool_calls`. Error: unsupported.
Result<void> append_tools(std::string& out, const ChatRequest& chat, const ResponsesBodyOptions& options);
std::string name_of(std::string_view tool, const ResponsesBodyOptions& options);

}  // namespace gateway::responses
