// One candidate of an answer, as its parts come. For .cc files of this folder.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chat/event.h"
#include "chat/weight.h"
#include "wire/gemini/partial_arguments.h"
#include "wire/openai/event_order.h"

namespace gateway::gemini {

// Who hears of an answer's parts, and what they weigh.
struct Hearing {
  EventOrder& order;
  Weight& weight;
  ChatEventSink* sink = nullptr;  // null: nobody hears, it is only weighed
  std::string_view answer{};      // its id
};

class Candidate {
 public:
  // An element of `candidates`.
  void take(const simdjson::dom::object& json, Hearing& hearing);
  void finish(Hearing& hearing);
  const std::string& reason() const noexcept { return reason_; }
  std::size_t kept() const noexcept { return (open_ ? open_->arguments.size() : 0) + message_.size(); }

 private:
  struct OpenCall {
    std::string name, signature;
    PartialArguments arguments;
  };

  void part(const simdjson::dom::object& part, Hearing& hearing);
  void call(const simdjson::dom::object& call, std::string_view signature, Hearing& hearing);
  void whole_call(std::string_view id, std::string_view name, const std::string& arguments, std::string_view signature,
                  Hearing& hearing);
  void close_call(Hearing& hearing);
  void text(std::string_view text, bool is_thought, std::string_view signature, Hearing& hearing);
  void inline_data(const simdjson::dom::object& data, Hearing& hearing);
  void sources(const simdjson::dom::object& grounding, Hearing& hearing);

  std::optional<OpenCall> open_;  // whose arguments come in parts
  std::int64_t calls_ = 0;
  std::size_t characters_ = 0;  // of its text
  std::string reason_, message_;
};

}  // namespace gateway::gemini
