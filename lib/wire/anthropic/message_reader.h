// Answers of Anthropic's Messages API: events of a stream one after the other, or one document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "chat/event.h"
#include "chat/weight.h"
#include "wire/anthropic/usage.h"

namespace gateway::anthropic {

// Who signs reasoning here, by the name that OpenRouter has for it in `reasoning_details`.
inline constexpr std::string_view kSignatureOrigin = "anthropic-claude-v1";

// What an answer said so far.
struct MessageFacts {
  std::string id, model, stop_reason;
  MessageUsage usage;
  bool usage_is_final = false;  // it counts the output, of which the beginning of a stream has a placeholder
  Weight weight;
};

class MessageReader {
 public:
  enum class Piece : std::uint8_t {
    broken,  // no JSON object
    begin,   // message_start
    part,    // of the message
    stop,    // message_stop: it is complete
    ping,
    error,
    unknown,  // an event that later versions have
  };

  MessageReader();
  ~MessageReader();
  MessageReader(MessageReader&&) noexcept;
  MessageReader& operator=(MessageReader&&) noexcept;

  // `sink` hears the answer as events, in the order that chat/event.h gives; null: nobody does.
  Piece read_event(std::string_view json, ChatEventSink* sink);
  // A whole message: Piece::stop. Anything else that is an object is Piece::unknown, or an error.
  Piece read_document(const PaddedBuffer& json, ChatEventSink* sink);
  // Of a message that is not all there: its id, model and usage, if `json` has them. Nobody hears it.
  void read_outline(std::string_view json);
  // The answer has begun, if it has: chat::Begin, which else comes with the first event behind it.
  void open(ChatEventSink& sink);
  // The answer is complete: its finish, its usage, its end.
  void finish(ChatEventSink& sink);

  const MessageFacts& facts() const noexcept;
  std::size_t kept() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gateway::anthropic
