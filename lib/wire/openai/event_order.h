// The order that chat/event.h defines for events, kept whatever order an answer comes in. For .cc files of the wire's
// shapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chat/event.h"

namespace gateway {

// A part of a tool call, as one delta has it. What is absent is empty.
struct ToolPiece {
  std::optional<std::int64_t> index{};  // the provider's; some send none
  std::string_view id{}, name{}, arguments{}, signature{};
  bool custom = false;
};

// Reports the parts of one answer as events. It ends what is open before something else begins, and leaves out what
// comes too late: the arguments of a tool call that has ended, whatever follows a choice's finish.
class EventOrder {
 public:
  static constexpr std::int64_t kMaxChoices = 128;
  static constexpr std::size_t kMaxTools = 1024;  // of each choice; more are left out

  // What the answer says of itself, the first time. Nobody hears it until something follows, or open() is called: an
  // error that comes instead is the answer's first event.
  void begin(std::string_view id, std::string_view model, std::int64_t created);
  void open(ChatEventSink& sink);
  // All that follows is of this choice, from 0 to kMaxChoices - 1. Until the first call it is of choice 0.
  void select(int choice) { choice_ = &choices_[number_ = choice]; }

  void text(std::string_view text, ChatEventSink& sink);
  void refusal(std::string_view text, ChatEventSink& sink);
  void reasoning(std::string_view text, ChatEventSink& sink);
  // Ends the reasoning that is open, or, if none is, adds one without text.
  void sign_reasoning(const chat::ReasoningEnd& end, ChatEventSink& sink);
  void tool(const ToolPiece& piece, ChatEventSink& sink);
  void annotation(std::string_view json, ChatEventSink& sink);
  void media(std::string_view json, bool audio, ChatEventSink& sink);
  void log_probs(std::string_view json, ChatEventSink& sink);
  void finish(chat::FinishReason reason, std::string_view text, std::string_view detail, ChatEventSink& sink);
  void usage(const chat::UsageReport& report, ChatEventSink& sink);
  // Ends each choice, then the answer. Once.
  void end(ChatEventSink& sink);

 private:
  struct Tool {
    std::optional<std::int64_t> index;
    std::string id, signature;
    std::string arguments;  // those that came before the name
    int number = 0;         // as events count it: in the order in which calls begin
    bool custom = false, begun = false, ended = false;
  };
  struct Choice {
    bool reasons = false;  // reasoning is open
    bool finished = false;
    std::vector<Tool> tools;
    int tools_begun = 0;
  };

  Choice& choice();  // the one that is selected

  void start(ChatEventSink& sink);   // ahead of every event
  void before(ChatEventSink& sink);  // what is neither reasoning nor a call
  void end_reasoning(ChatEventSink& sink);
  void end_tools(ChatEventSink& sink);
  Tool* tool_of(const ToolPiece& piece);  // null: there are too many
  void begin_tool(Tool& tool, std::string_view name, ChatEventSink& sink);

  bool begun_ = false, opened_ = false;
  std::string id_, model_;
  std::int64_t created_ = 0;
  std::map<int, Choice> choices_;
  int number_ = 0;
  Choice* choice_ = nullptr;  // null until a choice is selected, or something comes of choice 0
};

}  // namespace gateway
