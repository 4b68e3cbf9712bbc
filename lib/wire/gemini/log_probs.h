// The probabilities of an answer's tokens. For .cc files of this folder.
#pragma once

#include <simdjson.h>

#include <string>

namespace gateway::gemini {

// `logprobsResult` as OpenAI's `logprobs`.
std::string log_probs_of(const simdjson::dom::object& result);

}  // namespace gateway::gemini
