// OpenAI's newer shape: responses, whose conversation is a list of items. Without a state of its own: what refers to an
// earlier response is refused.
#pragma once

#include <memory>
#include <string>

#include "surfaces/surface.h"

namespace gateway {

const Surface& responses_surface() noexcept;

// The conversation in a body of the Responses API. Error: unsupported.
Result<void> read_responses(const PaddedBuffer& body, ChatRequest& out);
// What an answer repeats of such a body, with what it says of what is not given: members, each behind a comma.
// `facts` learn what the body refers to without having it; null: nobody wants to know.
std::string repeated_settings(const PaddedBuffer& body, RequestFacts* facts = nullptr);
// Writes events of a stream, or one document. `repeated`: of each response object.
std::unique_ptr<AnswerWriter> make_responses_writer(bool stream, std::string repeated);

}  // namespace gateway
