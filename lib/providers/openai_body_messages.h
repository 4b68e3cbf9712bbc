// The messages of a chat completions body. For .cc files of this folder.
#pragma once

#include <string>

#include "chat/request.h"
#include "gateway/result.h"
#include "providers/openai_body.h"

namespace gateway {

// The list, appended. Error: unsupported.
Result<void> append_openai_messages(std::string& out, const ChatRequest& chat, const OpenAiBodyOptions& options);

// A member `cache_control`, if there is a mark and the provider knows them.
void append_cache_mark(std::string& out, std::string_view cache, const OpenAiBodyOptions& options);

}  // namespace gateway
