// What chunks and documents of OpenAI's shape have in common. For .cc files of this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "chat/event.h"
#include "surfaces/surface.h"
#include "wire/json/members.h"

namespace gateway::openai {

using json::append_json;
using json::append_key;
using json::append_number;
using json::append_text;

std::string_view finish_word(const chat::Finish& finish) noexcept;
void append_usage(std::string& out, const chat::UsageReport& report);

// Reasoning that its provider signed or encrypted goes to the client in OpenRouter's form, as an element of
// `reasoning_details`: OpenAI's shape has no place for it.
bool is_signed(const chat::ReasoningEnd& end) noexcept;
void append_reasoning_detail(std::string& out, std::string_view text, const chat::ReasoningEnd& end);
// The signature of a tool call, in the place that Google has for it in OpenAI's shape.
void append_signature(std::string& out, std::string_view signature);
// Name and arguments of a call.
void append_function(std::string& out, bool custom, std::string_view name, std::string_view arguments);

// What each chunk begins with, and a document.
class Head {
 public:
  void take(const chat::Begin& begin);
  void append(std::string& out, std::string_view object) const;
  const std::string& id() const noexcept { return id_; }

 private:
  std::string id_, model_;
  std::int64_t created_ = 0;
};

std::unique_ptr<AnswerWriter> make_document_writer();

}  // namespace gateway::openai
