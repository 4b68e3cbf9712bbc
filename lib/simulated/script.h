// What the simulated provider does for one request: decided by the model's name and the request alone, so that the same
// request always gets the same answer.
//
//   simulated/echo                  repeats the last user message, four bytes a token
//   simulated/lorem                 a fixed text of 64 tokens
//   simulated/embed                 embeddings of 64 dimensions, or as many as `dimensions` says
//   simulated/image                 PNGs of 32 x 32 pixels
//   simulated/speech                a WAV: a tone for each character
//   simulated/transcribe            a fixed text, with how long the sound is
//   simulated/rerank                documents by how many words of the query they have
//   simulated/moderation            flags categories by words such as "kill" or "bomb"
//
// If a request has `tools`, the answer is a call of one of them with arguments that fit its schema (as tool_choice
// says; after a tool's result it is text again); if it has a `response_format`, JSON that fits it.
//
// Options follow the name as in a URL's query: simulated/lorem?chunks=200&size=8&delay=5ms&first=1s
//   chunks=N    tokens of the answer, one a chunk         size=BYTES  of each token (default 4, at most 64 KiB); chunks
//   x size x n is at most 16 MiB delay=TIME  between two chunks (250ms, 2s)            first=TIME  before the answer's
//   head status=N    answers with that status and an error     retry_after=SECONDS goes with it fault=F     one of the
//   names in SimulatedFault: reset, hang, html, empty, error_in_200, error_mid_stream, cut,
//               no_finish, no_usage, no_done
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/result.h"

namespace gateway {

enum class SimulatedFault : std::uint8_t {
  none,
  reset,             // the connection breaks before the head
  hang,              // no head ever comes
  html,              // 200 with a page
  empty,             // 200 with nothing
  error_in_200,      // 200 with {"error":...}
  error_mid_stream,  // an error event after half of the chunks
  cut,               // the connection breaks after half of the chunks
  no_finish,         // ends cleanly after half of the chunks
  no_usage,          // a complete answer without usage
  no_done,           // breaks after finish_reason and usage, before [DONE]
};

struct SimulatedScript {
  std::string name;  // "echo"
  std::optional<std::int64_t> chunks;
  std::size_t size = 4;
  std::chrono::milliseconds delay{0};
  std::chrono::milliseconds first{0};
  int status = 200;
  std::optional<int> retry_after;
  SimulatedFault fault = SimulatedFault::none;
};

// Errors: an unknown name (not_found) or option (invalid).
Result<SimulatedScript> parse_simulated_model(std::string_view model);

// The models it lists.
inline constexpr std::string_view kSimulatedModels[] = {
    "simulated/echo",   "simulated/lorem",      "simulated/embed",  "simulated/image",
    "simulated/speech", "simulated/transcribe", "simulated/rerank", "simulated/moderation"};

}  // namespace gateway
