// A conversation written as a body of the Responses API.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chat/request.h"
#include "gateway/result.h"
#include "providers/carried.h"
#include "providers/responses_models.h"

namespace gateway {

// The least `max_output_tokens` that OpenAI takes: what a client of another shape wants less of gets that much.
inline constexpr std::int64_t kLeastResponse = 16;

struct ResponsesBodyOptions {
  std::string_view model{};
  ResponsesModel abilities{};
  std::string_view signs_as{};   // whose reasoning goes back to it: see Provider
  bool reads_reasoning = false;  // it wants its models' earlier reasoning back as text
  bool stream = false;
  bool short_names = false;                  // as DialectRequest
  std::optional<std::int64_t> max_output{};  // in place of the conversation's own
};

// At providers of type `responses`.
std::span<const CarriedFeature> responses_features() noexcept;

// Appended. Error: unsupported, and names what has no place there; `out` may then hold a part.
Result<void> append_responses_body(std::string& out, const ChatRequest& chat, const ResponsesBodyOptions& options,
                                   Dropped& dropped);

}  // namespace gateway
