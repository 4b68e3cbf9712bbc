// A conversation written as a body of Gemini's generateContent.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chat/request.h"
#include "gateway/result.h"
#include "providers/carried.h"
#include "providers/gemini_models.h"

namespace gateway {

struct GeminiBodyOptions {
  GeminiModel abilities{};
  std::optional<std::int64_t> max_output{};  // in place of the conversation's own
  bool fetches_urls = false;                 // it reads media by their URLs, as Vertex does
};

// At providers of type `gemini`.
std::span<const CarriedFeature> gemini_features() noexcept;

// Appended. Error: unsupported, and names what has no place there; `out` may then hold a part.
Result<void> append_gemini_body(std::string& out, const ChatRequest& chat, const GeminiBodyOptions& options,
                                Dropped& dropped);

}  // namespace gateway
