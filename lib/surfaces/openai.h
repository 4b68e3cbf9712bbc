// OpenAI's own shape, of all operations.
#pragma once

#include "surfaces/surface.h"

namespace gateway {

// The one that serves the operation in this shape.
const Surface& surface_of(Operation operation) noexcept;

// The conversation in a chat completions body. Error: unsupported.
Result<void> read_openai_chat(const PaddedBuffer& body, ChatRequest& out);
// The texts in an embeddings body. Error: unsupported.
Result<void> read_openai_embeddings(const PaddedBuffer& body, ChatRequest& out);
// Writes chunks of a stream, each as an event, and [DONE] after the last; else one document. `include_usage`: a stream
// ends with a chunk that has the usage.
std::unique_ptr<AnswerWriter> make_openai_writer(bool stream, bool include_usage);

}  // namespace gateway
