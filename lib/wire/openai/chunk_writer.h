// A chat completion that came in one piece, written as the events of a stream.
#pragma once

#include <string>

#include "base/buffer.h"

namespace gateway {

// Appends one event with all choices, each complete with its finish_reason, and one with the usage if `with_usage`;
// not the end mark. `document` is a JSON object with choices; what is in it keeps its value and its place, but
// `message` becomes `delta`, and tool calls get their index.
void append_chunks(std::string& out, const PaddedBuffer& document, bool with_usage);

}  // namespace gateway
