// The items of a response's output, as they begin, grow and end. For .cc files of this folder.
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

namespace gateway::responses {

class OutputItems {
 public:
  OutputItems(EventOrder& order, Weight& weight, std::string_view origin)
      : order_(order), weight_(weight), origin_(origin) {}
  // Who hears of what follows; null: nobody does, it is only weighed.
  void hear(ChatEventSink* sink) noexcept { sink_ = sink; }

  // The item at this place of the output, as far as it is known when it begins.
  void begin(std::int64_t place, const simdjson::dom::object& item);
  // What `type`, an event's without "response.", adds to it.
  void grow(std::int64_t place, std::string_view type, const simdjson::dom::object& event);
  // All of it: what was not heard in pieces is heard now.
  void end(std::int64_t place, const simdjson::dom::object& item);
  // What the response's own end says of it: the events may have left it out, or in part.
  void catch_up(std::int64_t place, const simdjson::dom::object& item);

  bool has_calls() const noexcept { return has_calls_; }
  std::int64_t searches() const noexcept { return searches_; }
  bool beside() const noexcept { return beside_; }  // see ResponseFacts

 private:
  enum class Kind : std::uint8_t { message, reasoning, call, custom_call, other };
  enum class ReasoningIn : std::uint8_t { unknown, summary, content };
  struct Item {
    std::int64_t place = 0;
    Kind kind = Kind::other;
    ReasoningIn reasoning = ReasoningIn::unknown;
    bool grew = false;       // some of it was heard
    bool annotated = false;  // and its annotations
    bool ended = false;
    std::int64_t part = 0;       // of a summary: the one that was heard last
    std::size_t text_begin = 0;  // characters of the answer's text ahead of the part
  };

  static Kind kind_of(std::string_view type) noexcept;
  Item* find(std::int64_t place) noexcept;
  void text(std::string_view text);
  void refusal(std::string_view text);
  void reasoning(Item& item, ReasoningIn from, std::int64_t part, std::string_view text);
  void arguments(Item& item, std::string_view piece);
  void message_part(Item& item, const simdjson::dom::object& part);
  void annotation(const Item& item, const simdjson::dom::object& json);
  void log_probs(const simdjson::dom::object& from);
  void weigh(std::string_view text);

  EventOrder& order_;
  Weight& weight_;
  const std::string_view origin_;
  ChatEventSink* sink_ = nullptr;
  std::vector<Item> items_;
  std::size_t characters_ = 0;  // of its text
  bool has_calls_ = false, beside_ = false;
  std::int64_t searches_ = 0;
};

}  // namespace gateway::responses
