// The usage object of an answer, with OpenRouter's cost in it. For .cc files of this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "wire/json/walk.h"
#include "wire/openai/answer_reader.h"

namespace gateway {

// Takes the complete value of `usage` and fills in what AnswerFacts says of it. False: the document is broken. A second
// usage object replaces the first if it is valid, and is odd either way.
bool read_usage(json::Walk& walk, json::Value value, std::string& scratch, AnswerFacts& facts);

// A number of seconds, perhaps with a fraction: in milliseconds, rounded up. What is none is left out.
bool read_audio_seconds(json::Walk& walk, json::Value value, std::optional<std::int64_t>& ms);

// Cohere's `meta`, of its own endpoints for embeddings and rerank.
struct TokenCounts {
  std::optional<std::int64_t> input, output, images;
  bool any() const noexcept { return input || output || images; }
};
struct CohereMeta {
  TokenCounts billed, counted;  // billed_units, and tokens, which are what the model read
  std::optional<std::int64_t> searches;
};
bool read_cohere_meta(json::Walk& walk, json::Value value, std::string& scratch, CohereMeta& meta);
// What is billed goes before what was counted, and a usage object before both.
void settle_cohere_meta(const CohereMeta& meta, AnswerFacts& facts);

}  // namespace gateway
