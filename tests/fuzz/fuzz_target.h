// What each fuzzer checks, as a function that libFuzzer calls with random input, and a test with the inputs kept in
// corpus/<name>/. A broken promise ends the process.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace gateway::fuzz {

void http_head(std::string_view input);
void chunked_body(std::string_view input);
void sse(std::string_view input);
void request_reader(std::string_view input);
void usage_reader(std::string_view input);
void event_reader(std::string_view input);
void gemini_reader(std::string_view input);
void pairs(std::string_view input);
void provider_documents(std::string_view input);
void yaml_config(std::string_view input);
void journal(std::string_view input);
void jsonrpc(std::string_view input);
void multipart(std::string_view input);

inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// Cuts `text` at places drawn from itself, so that one input always yields the same pieces.
inline std::vector<std::string_view> pieces_of(std::string_view text) {
  std::uint64_t state = 0xcbf29ce484222325u;
  for (const char c : text) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  const std::uint64_t longest = 1 + state % 40;
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const std::string_view piece = text.substr(0, static_cast<std::size_t>(1 + (state >> 33) % longest));
    pieces.push_back(piece);
    text.remove_prefix(piece.size());
  }
  return pieces;
}

}  // namespace gateway::fuzz
