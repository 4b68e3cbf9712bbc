// The parts of such a body. For .cc files of this folder.
#pragma once

#include <string>
#include <string_view>

#include "chat/request.h"
#include "gateway/result.h"
#include "providers/carried.h"
#include "providers/gemini_body.h"

namespace gateway::gemini {

// Members `systemInstruction` and `contents`. Error: unsupported.
Result<void> append_contents(std::string& out, const ChatRequest& chat, const GeminiBodyOptions& options,
                             Dropped& dropped);

// Members `tools` and `toolConfig`. Error: unsupported.
Result<void> append_tools(std::string& out, const ChatRequest& chat, Dropped& dropped);

// A schema without what Gemini does not know. True: something was left out of it, which its description then says.
bool append_schema(std::string& out, std::string_view schema);
// Whether it is of an object that has no members at all, which is better left out.
bool is_empty_schema(std::string_view schema);

}  // namespace gateway::gemini
