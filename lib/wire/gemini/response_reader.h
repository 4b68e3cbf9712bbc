// Answers of Gemini's generateContent: chunks of a stream one after the other, or one document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "chat/event.h"
#include "chat/weight.h"
#include "wire/gemini/usage.h"

namespace gateway::gemini {

// Who signs thoughts here, by the name that OpenRouter has for it in `reasoning_details`.
inline constexpr std::string_view kSignatureOrigin = "google-gemini-v1";
// The same, of a thought that led to a tool call: its signature belongs to the call.
inline constexpr std::string_view kCallSignatureOrigin = "google-gemini-call-v1";

// What an answer said so far.
struct AnswerFacts {
  std::string id, model, finish_reason;
  AnswerUsage usage;
  Weight weight;
  bool finished = false;  // each candidate that began has a reason, or the prompt was blocked
};

class ResponseReader {
 public:
  enum class Piece : std::uint8_t {
    broken,   // no JSON object
    part,     // of the answer
    error,    // instead of it
    unknown,  // neither
  };

  ResponseReader();
  ~ResponseReader();
  ResponseReader(ResponseReader&&) noexcept;
  ResponseReader& operator=(ResponseReader&&) noexcept;

  // `sink` hears the answer as events, in the order that chat/event.h gives; null: nobody does.
  Piece read_chunk(std::string_view json, ChatEventSink* sink);
  // An answer in one piece, or the list of chunks that a stream without `alt=sse` is.
  Piece read_document(const PaddedBuffer& json, ChatEventSink* sink);
  // The answer has begun, if it has: chat::Begin, which else comes with the first event behind it.
  void open(ChatEventSink& sink);
  // The answer is complete: how it ends, its usage, its end.
  void finish(ChatEventSink& sink);

  const AnswerFacts& facts() const noexcept;
  std::size_t kept() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gateway::gemini
