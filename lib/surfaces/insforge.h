// InsForge's shape: what its SDKs for JavaScript, Swift and Kotlin send to /api/ai and read from it. One answer serves
// all three, wherever their readers agree; where they do not, the client's user-agent decides.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "surfaces/surface.h"

namespace gateway {

// The request's own form in this shape: what the provider is asked for is a chat completion, or embeddings.
enum class InsforgeCall : std::uint8_t { chat, embeddings, images };
const Surface& insforge_surface(InsforgeCall call, std::string_view user_agent) noexcept;

// Rewrites a body as OpenAI's, in place. False, and `why`: it is not a JSON object, or lacks what it must have.
bool rewrite_insforge_chat(PaddedBuffer& body, BadRequest& why);
// Pictures are asked of a chat model that answers with some.
bool rewrite_insforge_images(PaddedBuffer& body, BadRequest& why);

enum class InsforgeAnswer : std::uint8_t {
  document,
  events,     // each text twice: as `chunk`, and as OpenAI's delta
  one_event,  // all of the answer: Swift's reader of lines loses what stands between events
  images,
  kotlin_images,  // each picture also where Kotlin's client reads it
};
std::unique_ptr<AnswerWriter> make_insforge_writer(InsforgeAnswer answer);

}  // namespace gateway
