// Answers of OpenAI's Responses API: events of a stream one after the other, or one document.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "chat/event.h"
#include "chat/weight.h"
#include "wire/openai/answer_reader.h"

namespace gateway::responses {

// What reasoning is marked with that its provider has encrypted, and that it alone can read: its name follows. Clients
// of the same shape have it in the provider's own bytes, which do not say whose it is.
inline constexpr std::string_view kRawOrigin = "openai-responses-v1@";

// What an answer said so far.
struct ResponseFacts {
  std::string id, model;
  std::string ending;   // "completed", or why it is incomplete; empty: it goes on
  std::string error;    // of one that failed: JSON that an AnswerReader takes for an error
  AnswerFacts figures;  // usage, cost and tier of what it ended with
  bool has_figures = false;
  bool beside = false;  // tools have run that are billed by what nobody counts here
  std::int64_t searches = 0;
  Weight weight;
};

class ResponseReader {
 public:
  enum class Piece : std::uint8_t {
    broken,   // no JSON object
    begin,    // the response as it was accepted: there is nothing of its output yet
    part,     // of the output
    stop,     // it is complete, or cut for a reason that it says
    error,    // it failed: see ResponseFacts::error if that is not empty, else the piece itself
    unknown,  // an event that later versions have
  };

  // `origin`: who signs its reasoning; it outlives the reader.
  explicit ResponseReader(std::string_view origin);
  ~ResponseReader();
  ResponseReader(ResponseReader&&) noexcept;
  ResponseReader& operator=(ResponseReader&&) noexcept;

  // `sink` hears the answer as events, in the order that chat/event.h gives; null: nobody does.
  Piece read_event(std::string_view json, ChatEventSink* sink);
  // A whole response: Piece::stop. Anything else that is an object is Piece::unknown, or an error.
  Piece read_document(const PaddedBuffer& json, ChatEventSink* sink);
  // Of a response that is not all there: its id, model and usage, if `json` has them. Nobody hears it.
  void read_outline(std::string_view json);
  // The answer has begun, if it has: chat::Begin, which else comes with the first event behind it.
  void open(ChatEventSink& sink);
  // The answer is complete: its finish, its usage, its end.
  void finish(ChatEventSink& sink);

  const ResponseFacts& facts() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gateway::responses
