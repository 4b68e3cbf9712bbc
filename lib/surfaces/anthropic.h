// Anthropic's shape: messages.
#pragma once

#include <cstdint>

#include "surfaces/surface.h"

namespace gateway {

const Surface& anthropic_surface() noexcept;
// The same for messages that are only to be counted, which need not say how long their answer may be.
const Surface& anthropic_count_surface() noexcept;

// The conversation in a body of the Messages API. Error: unsupported.
Result<void> read_anthropic_messages(const PaddedBuffer& body, ChatRequest& out);
// Writes events of a stream, or one document. `input_estimate`: what a stream says of its input until that is known.
std::unique_ptr<AnswerWriter> make_anthropic_writer(bool stream, std::int64_t input_estimate);

}  // namespace gateway
