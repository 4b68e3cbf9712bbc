// The shapes that requests and answers have on the wire. Where a client and a provider use one shape the bytes are
// relayed as they are; otherwise they are translated by way of ChatRequest and ChatEvent.
#pragma once

#include <cstdint>

namespace gateway {

enum class Shape : std::uint8_t {
  openai,     // chat completions and embeddings
  anthropic,  // messages
  gemini,     // generateContent
  responses,  // OpenAI's
  insforge,   // of its SDKs, in answers: their requests are rewritten as OpenAI's
  other,      // of tests, of an embedder
};

}  // namespace gateway
