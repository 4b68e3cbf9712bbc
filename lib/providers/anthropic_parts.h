// The parts of such a body. For .cc files of this folder.
#pragma once

#include <string>
#include <string_view>

#include "chat/request.h"
#include "gateway/result.h"
#include "providers/anthropic_models.h"
#include "providers/carried.h"

namespace gateway::anthropic {

inline constexpr std::string_view kOwn = "anthropic";

// Members `system` and `messages`. `hint`: a sentence to follow the system's text; empty: none. Error: unsupported.
Result<void> append_conversation(std::string& out, const ChatRequest& chat, const AnthropicModel& model,
                                 std::string_view hint, Dropped& dropped);
// Whether the assistant's last turn calls tools without the reasoning that led to it, which Anthropic wants to see.
bool lacks_reasoning(const ChatRequest& chat) noexcept;

// Members `tools` and `tool_choice`. Error: unsupported.
Result<void> append_tools(std::string& out, const ChatRequest& chat, const AnthropicModel& model, Dropped& dropped);
bool forces_tool(const chat::ToolChoice& choice) noexcept;

void append_cache_mark(std::string& out, std::string_view cache);
bool is_blank(std::string_view text) noexcept;

// A schema without what Anthropic refuses in those that an answer must keep to. True: something was left out of it.
bool append_strict_schema(std::string& out, std::string_view schema);
// A tool's: an object at its root, where alternatives of it are no keyword.
void append_tool_schema(std::string& out, std::string_view schema);

}  // namespace gateway::anthropic
