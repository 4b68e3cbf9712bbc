// Chat completions in OpenAI's shape, read as events: chunks of a stream one after the other, or one document.
#pragma once

#include <memory>
#include <string_view>

#include "base/buffer.h"
#include "chat/event.h"

namespace gateway {

// One answer. It reports chat::Begin with the first piece, ends what is open before what follows it begins, and keeps
// to the order that chat/event.h defines.
class ChatEventReader {
 public:
  ChatEventReader();
  ~ChatEventReader();

  // The JSON is one that an AnswerReader took for an object; what it cannot read of it is left out.
  void read_chunk(std::string_view json, ChatEventSink& sink);
  void read_document(const PaddedBuffer& json, ChatEventSink& sink);
  // The answer has begun, if it has: chat::Begin, which else comes with the first event behind it.
  void open(ChatEventSink& sink);
  // The answer is complete: ends what is open, then chat::End.
  void finish(ChatEventSink& sink);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gateway
