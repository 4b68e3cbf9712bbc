#include "wire/openai/event_order.h"

#include <utility>

namespace gateway {

void EventOrder::begin(std::string_view id, std::string_view model, std::int64_t created) {
  if (std::exchange(begun_, true)) return;
  id_ = id;
  model_ = model;
  created_ = created;
}

void EventOrder::open(ChatEventSink& sink) {
  if (begun_ && !std::exchange(opened_, true)) sink.event(chat::Begin{id_, model_, created_});
}

void EventOrder::start(ChatEventSink& sink) {
  begin({}, {}, 0);
  open(sink);
}

void EventOrder::text(std::string_view text, ChatEventSink& sink) {
  if (text.empty() || choice().finished) return;
  before(sink);
  sink.event(chat::TextDelta{number_, text});
}

void EventOrder::refusal(std::string_view text, ChatEventSink& sink) {
  if (text.empty() || choice().finished) return;
  before(sink);
  sink.event(chat::RefusalDelta{number_, text});
}

void EventOrder::reasoning(std::string_view text, ChatEventSink& sink) {
  if (text.empty() || choice().finished) return;
  start(sink);
  end_tools(sink);
  choice().reasons = true;
  sink.event(chat::ReasoningDelta{number_, text});
}

void EventOrder::sign_reasoning(const chat::ReasoningEnd& end, ChatEventSink& sink) {
  if (choice().finished) return;
  start(sink);
  end_tools(sink);
  choice().reasons = false;
  chat::ReasoningEnd event = end;
  event.choice = number_;
  sink.event(event);
}

void EventOrder::tool(const ToolPiece& piece, ChatEventSink& sink) {
  if (choice().finished) return;
  end_reasoning(sink);
  Tool* const found = tool_of(piece);
  if (found == nullptr || found->ended) return;
  Tool& tool = *found;
  tool.custom |= piece.custom;
  if (!piece.signature.empty()) tool.signature = piece.signature;
  if (!tool.begun) {
    if (tool.id.empty()) tool.id = piece.id;
    if (piece.name.empty()) return void(tool.arguments += piece.arguments);
    begin_tool(tool, piece.name, sink);
  }
  if (!piece.arguments.empty()) sink.event(chat::ToolArguments{number_, tool.number, piece.arguments});
}

// Some providers repeat an empty id in each delta, some send the same index for each call, some send none.
EventOrder::Tool* EventOrder::tool_of(const ToolPiece& piece) {
  std::vector<Tool>& tools = choice().tools;
  for (auto tool = tools.rbegin(); tool != tools.rend(); ++tool) {
    const bool other_id = !piece.id.empty() && !tool->id.empty() && piece.id != tool->id;
    if (piece.index ? tool->index == piece.index : !piece.id.empty() && piece.id == tool->id) {
      if (other_id) break;
      return &*tool;
    }
  }
  const bool continues = !piece.index && piece.id.empty() && piece.name.empty();
  if (continues && !tools.empty()) return &tools.back();
  if (tools.size() == kMaxTools) return nullptr;
  Tool& made = tools.emplace_back();
  made.index = piece.index;
  return &made;
}

void EventOrder::begin_tool(Tool& tool, std::string_view name, ChatEventSink& sink) {
  start(sink);
  tool.begun = true;
  tool.number = choice().tools_begun++;
  sink.event(chat::ToolBegin{number_, tool.number, tool.id, name, tool.custom, tool.signature});
  if (!tool.arguments.empty()) sink.event(chat::ToolArguments{number_, tool.number, tool.arguments});
  std::string().swap(tool.arguments);
}

void EventOrder::annotation(std::string_view json, ChatEventSink& sink) {
  if (choice().finished) return;
  start(sink);
  sink.event(chat::Annotation{number_, json});
}

void EventOrder::media(std::string_view json, bool audio, ChatEventSink& sink) {
  if (choice().finished) return;
  before(sink);
  sink.event(chat::Media{number_, json, audio});
}

void EventOrder::log_probs(std::string_view json, ChatEventSink& sink) {
  if (choice().finished) return;
  start(sink);
  sink.event(chat::LogProbs{number_, json});
}

void EventOrder::finish(chat::FinishReason reason, std::string_view text, std::string_view detail,
                        ChatEventSink& sink) {
  if (choice().finished) return;
  before(sink);
  choice().finished = true;
  sink.event(chat::Finish{number_, reason, text, detail});
}

void EventOrder::usage(const chat::UsageReport& report, ChatEventSink& sink) {
  start(sink);
  sink.event(report);
}

void EventOrder::end(ChatEventSink& sink) {
  start(sink);
  for (const auto& [number, ended] : choices_) {
    select(number);
    finish(chat::FinishReason::other, {}, {}, sink);
  }
  sink.event(chat::End{});
}

EventOrder::Choice& EventOrder::choice() {
  if (choice_ == nullptr) select(number_);
  return *choice_;
}

void EventOrder::before(ChatEventSink& sink) {
  start(sink);
  end_reasoning(sink);
  end_tools(sink);
}

void EventOrder::end_reasoning(ChatEventSink& sink) {
  if (std::exchange(choice().reasons, false)) sink.event(chat::ReasoningEnd{.choice = number_});
}

void EventOrder::end_tools(ChatEventSink& sink) {
  for (Tool& tool : choice().tools) {
    if (tool.ended) continue;
    tool.ended = true;
    if (!tool.begun && tool.id.empty() && tool.arguments.empty()) continue;  // nothing was said of it
    if (!tool.begun) begin_tool(tool, {}, sink);
    sink.event(chat::ToolEnd{number_, tool.number, tool.signature});
  }
}

}  // namespace gateway
