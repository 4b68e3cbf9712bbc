// The blocks of a message's content, as they begin, grow and end. For .cc files of this folder.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chat/event.h"
#include "chat/weight.h"
#include "wire/openai/event_order.h"

namespace gateway::anthropic {

class Blocks {
 public:
  Blocks(EventOrder& order, Weight& weight) : order_(order), weight_(weight) {}
  // Who hears of what follows; null: nobody does, it is only weighed.
  void hear(ChatEventSink* sink) noexcept { sink_ = sink; }

  void begin(std::int64_t index, const simdjson::dom::object& block);
  void grow(std::int64_t index, const simdjson::dom::object& delta);
  void end(std::int64_t index);
  void end_all();
  std::size_t kept() const noexcept;

 private:
  enum class Kind : std::uint8_t { text, thinking, redacted, call, other };
  struct Block {
    std::int64_t index = 0;
    Kind kind = Kind::other;
    std::string data;  // of thinking its signature; of a call its input, if that came whole
    bool grew = false;
    std::vector<std::string> citations;
    std::size_t text_begin = 0;  // characters of the answer's text ahead of it
  };

  static Kind kind_of(std::string_view type) noexcept;
  void text(std::string_view text);
  void thinking(std::string_view text);
  void arguments(Block& block, std::string_view piece);
  void weigh(std::string_view text);
  void annotate(const Block& block);

  EventOrder& order_;
  ChatEventSink* sink_ = nullptr;
  Weight& weight_;
  std::vector<Block> open_;
  std::size_t text_size_ = 0;  // characters
};

}  // namespace gateway::anthropic
