// An answer as a sequence of plain events, whichever shape it came in; one in one piece is such a sequence too.
//
// Their order is an invariant: Begin first and once; a block's deltas between its begin and its end; tool calls may
// interleave; one Finish for each choice; Usage any number of times, each complete so far; End last, or Error.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "chat/provider_error.h"
#include "gateway/money.h"
#include "gateway/row.h"

namespace gateway {

namespace chat {

struct Begin {
  std::string_view id, model;
  std::int64_t created = 0;  // seconds since 1970; 0: not given
};
struct TextDelta {
  int choice = 0;
  std::string_view text;
};
struct ReasoningDelta {
  int choice = 0;
  std::string_view text;
};
struct ReasoningEnd {
  int choice = 0;
  std::string_view signature{}, redacted{};
  std::string_view origin{};  // who signed, as far as it is known: see Reasoning::origin
};
struct ToolBegin {
  int choice = 0;
  int index = 0;  // of the tool call within its choice
  std::string_view id, name;
  bool custom = false;
  std::string_view signature{};  // if it came with the call's beginning; ToolEnd has it in any case
};
struct ToolArguments {
  int choice = 0;
  int index = 0;
  std::string_view piece;
};
struct ToolEnd {
  int choice = 0;
  int index = 0;
  std::string_view signature;
};
struct RefusalDelta {
  int choice = 0;
  std::string_view text;
};
struct Annotation {
  int choice = 0;
  std::string_view json;
};
struct Media {
  int choice = 0;
  std::string_view json;  // OpenAI's `audio` object, or an element of OpenRouter's `images`
  bool audio = false;
};
struct LogProbs {
  int choice = 0;
  std::string_view json;
};

enum class FinishReason : std::uint8_t { stop, length, tools, filter, refusal, pause, other };

struct Finish {
  int choice = 0;
  FinishReason reason = FinishReason::stop;
  std::string_view text;    // as its provider named it
  std::string_view detail;  // the stop sequence that was met, what was filtered
};
struct UsageReport {
  Usage usage;  // in our arithmetic: input includes what was read from and written to caches, output the reasoning
  std::optional<Money> cost;
};
struct Ping {};
struct Error {
  const ProviderError* error = nullptr;
};
struct End {};

}  // namespace chat

// The views are valid during the call that hands the event over.
using ChatEvent = std::variant<chat::Begin, chat::TextDelta, chat::ReasoningDelta, chat::ReasoningEnd, chat::ToolBegin,
                               chat::ToolArguments, chat::ToolEnd, chat::RefusalDelta, chat::Annotation, chat::Media,
                               chat::LogProbs, chat::Finish, chat::UsageReport, chat::Ping, chat::Error, chat::End>;

class ChatEventSink {
 public:
  virtual void event(const ChatEvent& event) = 0;

 protected:
  ~ChatEventSink() = default;
};

}  // namespace gateway
