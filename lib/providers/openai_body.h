// A conversation written as a chat completions body, for clients that speak otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chat/request.h"
#include "gateway/result.h"
#include "gateway/route.h"

namespace gateway {

// Which member a provider expects its model's earlier reasoning in.
enum class ReasoningHistory : std::uint8_t {
  none,               // none: it is left out
  reasoning_content,  // DeepSeek, Z.ai, Moonshot, ...
  reasoning,          // Groq, vLLM, Ollama, ...
  reasoning_details,  // OpenRouter, with signatures
  beside_calls,       // DeepSeek: as reasoning_content, but only with the calls that it led to
};

struct HostHabits;

// What OpenAI takes of the id of a user; others take more.
inline constexpr std::size_t kMostOfUser = 64;

struct OpenAiBodyOptions {
  std::string_view model{};
  bool stream = false;
  bool ask_usage = false;                    // of a stream, by stream_options
  bool names_models = false;                 // as DialectRequest
  std::optional<std::int64_t> max_output{};  // in place of the conversation's own
  LengthField length_field = LengthField::max_completion_tokens;
  ReasoningHistory reasoning = ReasoningHistory::none;
  bool cache_marks = false;            // it knows `cache_control`; else they are left out
  bool short_names = false;            // as DialectRequest
  bool call_signatures = false;        // it knows Google's signatures of tool calls; else they are left out
  const HostHabits* habits = nullptr;  // of its host; null: nobody's in particular
  std::string* dropped = nullptr;      // the names of what was left out for it; null: nobody wants to know
};

// Appended. Error: unsupported, and names what a chat completions body has no place for; `out` may then hold a part.
Result<void> append_openai_body(std::string& out, const ChatRequest& chat, const OpenAiBodyOptions& options);

}  // namespace gateway
