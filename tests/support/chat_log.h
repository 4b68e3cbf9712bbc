// Hears the events of one answer: checks their order, and keeps what they say.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "chat/event.h"

namespace gateway::testing {

class ChatLog final : public ChatEventSink {
 public:
  struct Tool {
    std::string id, name, arguments, signature;
    bool custom = false, open = false;
  };
  struct Choice {
    std::string text, refusal, reasoning, finish, finish_text, detail;
    std::vector<std::string> signatures, annotations, media, log_probs;
    std::vector<Tool> tools;
    bool reasons = false, finished = false;
  };

  void event(const ChatEvent& event) override {
    if (lines.empty() != std::holds_alternative<chat::Begin>(event)) broken("Begin is first and once");
    if (ended) broken("nothing follows the end");
    std::visit([this](const auto& each) { on(each); }, event);
  }

  std::string fault;               // what is wrong with the order; empty: nothing
  std::vector<std::string> lines;  // one each event
  std::map<int, Choice> choices;
  std::string id, model;
  std::int64_t created = 0;
  std::vector<chat::UsageReport> usage;
  bool ended = false;

  // All that was said, however it came in pieces. What only the provider calls by that name is left out.
  std::string said() const {
    std::string out = id + " " + model + " " + std::to_string(created) + "\n";
    for (const auto& [number, choice] : choices) {
      out += std::to_string(number) + " text " + choice.text + "\nrefusal " + choice.refusal + "\nreasoning " +
             choice.reasoning + "\n";
      for (const auto* list : {&choice.signatures, &choice.annotations, &choice.media}) {
        for (const std::string& each : *list) out += "  " + each + "\n";
      }
      for (const Tool& tool : choice.tools) {
        out += "tool " + tool.id + " " + tool.name + " " + tool.arguments + " " + tool.signature +
               (tool.custom ? " custom\n" : "\n");
      }
      out += "finish " + choice.finish + "\n";
    }
    if (!usage.empty()) {
      const Usage& u = usage.back().usage;
      for (const auto figure : {u.input, u.cached_input, u.cache_write, u.output, u.reasoning}) {
        out += std::to_string(figure) + " ";
      }
      if (usage.back().cost) out += usage.back().cost->to_string();
    }
    return out;
  }

 private:
  void broken(const char* promise) {
    if (fault.empty()) fault = promise;
  }
  void line(std::string text) { lines.push_back(std::move(text)); }

  Choice& of(int number) {
    if (number < 0 || number >= 128) broken("a choice is one of 128");
    Choice& choice = choices[number];
    if (choice.finished) broken("nothing follows a choice's finish");
    return choice;
  }
  static bool has_open_tool(const Choice& choice) {
    for (const Tool& tool : choice.tools) {
      if (tool.open) return true;
    }
    return false;
  }
  Choice& closed(int number) {
    Choice& choice = of(number);
    if (choice.reasons) broken("reasoning ends before something else begins");
    if (has_open_tool(choice)) broken("tool calls end before something else begins");
    return choice;
  }
  Tool& open_tool(int number, int index) {
    static Tool none;
    Choice& choice = of(number);
    const bool there = index >= 0 && static_cast<std::size_t>(index) < choice.tools.size();
    if (!there || !choice.tools[static_cast<std::size_t>(index)].open) broken("a tool call is open");
    return there ? choice.tools[static_cast<std::size_t>(index)] : none;
  }

  void on(const chat::Begin& e) {
    id = e.id;
    model = e.model;
    created = e.created;
    line("begin " + id);
  }
  void on(const chat::TextDelta& e) {
    closed(e.choice).text += e.text;
    if (e.text.empty()) broken("a delta has something");
    line("text " + std::string(e.text));
  }
  void on(const chat::RefusalDelta& e) {
    closed(e.choice).refusal += e.text;
    line("refusal " + std::string(e.text));
  }
  void on(const chat::ReasoningDelta& e) {
    Choice& choice = of(e.choice);
    if (has_open_tool(choice)) broken("tool calls end before reasoning begins");
    choice.reasons = true;
    choice.reasoning += e.text;
    line("reasoning " + std::string(e.text));
  }
  void on(const chat::ReasoningEnd& e) {
    Choice& choice = of(e.choice);
    const std::string sign = std::string(e.signature) + "|" + std::string(e.redacted) + "|" + std::string(e.origin);
    if (has_open_tool(choice)) broken("tool calls end before reasoning does");
    if (!std::exchange(choice.reasons, false) && sign == "||") broken("what ends has begun, or has a signature");
    if (sign != "||") choice.signatures.push_back(sign);
    line("reasoning end " + sign);
  }
  void on(const chat::ToolBegin& e) {
    Choice& choice = of(e.choice);
    if (choice.reasons) broken("reasoning ends before a tool call begins");
    if (static_cast<std::size_t>(e.index) != choice.tools.size()) broken("tool calls are counted from 0");
    choice.tools.push_back({std::string(e.id), std::string(e.name), {}, {}, e.custom, true});
    line("tool " + std::to_string(e.index) + " " + std::string(e.id) + " " + std::string(e.name));
  }
  void on(const chat::ToolArguments& e) {
    open_tool(e.choice, e.index).arguments += e.piece;
    line("arguments " + std::to_string(e.index) + " " + std::string(e.piece));
  }
  void on(const chat::ToolEnd& e) {
    Tool& tool = open_tool(e.choice, e.index);
    tool.open = false;
    tool.signature = e.signature;
    line("tool end " + std::to_string(e.index) + (e.signature.empty() ? "" : " " + std::string(e.signature)));
  }
  void on(const chat::Annotation& e) {
    of(e.choice).annotations.emplace_back(e.json);
    line("annotation " + std::string(e.json));
  }
  void on(const chat::Media& e) {
    closed(e.choice).media.emplace_back(e.json);
    line((e.audio ? "audio " : "image ") + std::string(e.json));
  }
  void on(const chat::LogProbs& e) {
    of(e.choice).log_probs.emplace_back(e.json);
    line("log probabilities " + std::string(e.json));
  }
  void on(const chat::Finish& e) {
    static constexpr const char* kReasons[] = {"stop", "length", "tools", "filter", "refusal", "pause", "other"};
    Choice& choice = closed(e.choice);
    choice.finished = true;
    choice.finish = kReasons[static_cast<std::size_t>(e.reason)];
    choice.finish_text = e.text;
    choice.detail = e.detail;
    line("finish " + choice.finish + " " + choice.finish_text);
  }
  void on(const chat::UsageReport& e) {
    const Usage& u = e.usage;
    if (u.cached_input + u.cache_write > u.input || u.reasoning > u.output) broken("parts are within their sum");
    usage.push_back(e);
    line("usage " + std::to_string(u.input) + " " + std::to_string(u.output));
  }
  void on(const chat::Ping&) { line("ping"); }
  void on(const chat::Error&) { ended = true; }
  void on(const chat::End&) {
    ended = true;
    for (const auto& [number, choice] : choices) {
      if (!choice.finished) broken("each choice finishes before the end");
    }
    line("end");
  }
};

}  // namespace gateway::testing
