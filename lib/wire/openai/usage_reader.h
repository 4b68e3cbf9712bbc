// The usage object of an answer, with OpenRouter's cost in it. For .cc files of this folder.
#pragma once

#include <string>

#include "wire/json/walk.h"
#include "wire/openai/answer_reader.h"

namespace gateway {

// Takes the complete value of `usage` and fills in what AnswerFacts says of it. False: the document is broken. A second
// usage object replaces the first if it is valid, and is odd either way.
bool read_usage(json::Walk& walk, json::Value value, std::string& scratch, AnswerFacts& facts);

}  // namespace gateway
