// Errors of Google's APIs.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "providers/answer_stream.h"
#include "providers/dialect.h"

namespace gateway {

// What an error means that came with this status, or within an answer of status 200. `begun`: after a part of it.
// What it refers to belongs to `tools`.
AnswerFault gemini_fault(AnswerTools& tools, Operation operation, int status, std::string_view json, bool begun);

// When the request may be sent again, as `RetryInfo` has it: "34.4s".
std::optional<std::chrono::milliseconds> gemini_retry_delay(std::string_view json);

}  // namespace gateway
