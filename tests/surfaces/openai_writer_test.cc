#include <memory>

#include "support/catch.h"
#include "support/chat_log.h"
#include "support/json_value.h"
#include "support/recorded.h"
#include "surfaces/call_id.h"
#include "surfaces/openai.h"
#include "wire/openai/event_reader.h"

using namespace gateway;
using gateway::testing::canonical_json;
using gateway::testing::ChatLog;
using gateway::testing::event_data;
using gateway::testing::recorded_chats;

namespace {

// Writes the events that a reader has, and hears them too.
class Writing final : public ChatEventSink {
 public:
  Writing(bool stream, bool include_usage) : writer(make_openai_writer(stream, include_usage)) {}
  void event(const ChatEvent& event) override {
    log.event(event);
    writer->write(event, out);
  }

  std::unique_ptr<AnswerWriter> writer;
  std::string out;
  ChatLog log;
};

std::string written(const std::vector<ChatEvent>& events, bool stream, bool include_usage = false) {
  const auto writer = make_openai_writer(stream, include_usage);
  std::string out;
  for (const ChatEvent& event : events) writer->write(event, out);
  return out;
}

// The choice's members of each chunk but the first, whose role is checked.
std::vector<std::string> chunks(const std::vector<ChatEvent>& events, bool include_usage = false) {
  const std::string stream = written(events, true, include_usage);
  static constexpr std::string_view kHead =
      R"({"id":"c","object":"chat.completion.chunk","created":7,"model":"m","choices":[)";
  std::vector<std::string> out;
  for (const std::string_view data : event_data(stream)) {
    REQUIRE(data.substr(0, kHead.size()) == kHead);
    out.emplace_back(data.substr(kHead.size(), data.size() - kHead.size() - 2));
  }
  REQUIRE_FALSE(out.empty());
  CHECK(out[0] == R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null})");
  out.erase(out.begin());
  return out;
}

template <class Source>
void read_into(const Source& source, bool complete, ChatEventSink& sink) {
  ChatEventReader reader;
  if (complete) {
    PaddedBuffer buffer;
    buffer.append(source);
    reader.read_document(buffer, sink);
  } else {
    for (const std::string_view data : event_data(source)) reader.read_chunk(data, sink);
  }
  reader.finish(sink);
}

// An answer is written as a stream and as a document, and each read again is the same.
void round_trip(std::string_view answer, bool complete) {
  for (const bool stream : {true, false}) {
    CAPTURE(stream);
    Writing first(stream, true);
    read_into(answer, complete, first);
    CHECK(first.log.fault == "");
    ChatLog again;
    read_into(std::string_view(first.out), !stream, again);
    CHECK(again.fault == "");
    CHECK(again.said() == first.log.said());
    if (stream) CHECK(first.writer->kept() == 0);
  }
}

const chat::Begin kBegin{"c", "m", 7};

}  // namespace

TEST_CASE("events become chunks of a stream") {
  const chat::UsageReport usage{{.input = 9, .cached_input = 4, .cache_write = 2, .output = 5, .reasoning = 1},
                                Money::parse("0.25").value()};
  using Chunks = std::vector<std::string>;
  CHECK(
      chunks({kBegin, chat::ReasoningDelta{0, "hm"}, chat::ReasoningEnd{.signature = "s", .origin = "o"},
              chat::TextDelta{0, "a\n"}, chat::ToolBegin{0, 0, "t", "f", false}, chat::ToolArguments{0, 0, "{}"},
              chat::ToolEnd{0, 0, "g"}, chat::Finish{0, chat::FinishReason::tools, "", ""}, usage, chat::End{}},
             false) ==
      Chunks{
          R"({"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null})",
          R"({"index":0,"delta":{"reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"s",)"
          R"("format":"o"}]},"finish_reason":null})",
          R"({"index":0,"delta":{"content":"a\n"},"finish_reason":null})",
          R"({"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f",)"
          R"("arguments":""}}]},"finish_reason":null})",
          R"({"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"finish_reason":null})",
          R"({"index":0,"delta":{"tool_calls":[{"index":0,"function":{},"extra_content":{"google":{"thought_signature":"g"}}}]},)"
          R"("finish_reason":null})",
          R"({"index":0,"delta":{},"finish_reason":"tool_calls"})"});
  // A signature that is known goes out with the call's name: some clients read it nowhere else.
  CHECK(chunks({kBegin, chat::ToolBegin{0, 0, "t", "f", false, "g"}, chat::ToolEnd{0, 0, "g"}, chat::End{}}, false) ==
        Chunks{R"({"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f",)"
               R"("arguments":""},"extra_content":{"google":{"thought_signature":"g"}}}]},"finish_reason":null})"});
  const std::string stream = written({kBegin, chat::Finish{}, usage, chat::End{}}, true, true);
  CHECK(stream.ends_with(
      R"("choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":)"
      R"({"cached_tokens":4,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":1},"cost":0.25}})"
      "\n\n"));
}

TEST_CASE("each choice of a stream begins with its role") {
  CHECK(chunks({kBegin, chat::TextDelta{0, "a"}, chat::RefusalDelta{1, "b"}}) ==
        std::vector<std::string>{R"({"index":0,"delta":{"content":"a"},"finish_reason":null})",
                                 R"({"index":1,"delta":{"role":"assistant","content":""},"finish_reason":null})",
                                 R"({"index":1,"delta":{"refusal":"b"},"finish_reason":null})"});
}

TEST_CASE("only a choice's first call of a function without an id has the older form") {
  for (const bool stream : {true, false}) {
    CHECK(written({kBegin, chat::ToolBegin{0, 0, "", "f", true}, chat::ToolArguments{0, 0, "x"},
                   chat::ToolEnd{0, 0, ""}, chat::Finish{}, chat::End{}},
                  stream)
              .find("function_call") == std::string::npos);
  }
  CHECK(
      chunks({kBegin, chat::ToolBegin{0, 0, "", "f", false}, chat::ToolEnd{0, 0, "g"},
              chat::ToolBegin{0, 1, "", "h", false}, chat::ToolArguments{0, 1, "{}"}, chat::ToolEnd{0, 1, ""}}) ==
      std::vector<std::string>{
          R"({"index":0,"delta":{"function_call":{"name":"f","arguments":""}},"finish_reason":null})",
          R"({"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_d2077bf5757b96d5","type":"function","function":{"name":"h",)"
          R"("arguments":""}}]},"finish_reason":null})",
          R"({"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},"finish_reason":null})"});
}

TEST_CASE("a call without an id gets one that no other call of the conversation has") {
  CHECK(call_id("call_", "given", "c", 0, 0) == "given");
  const std::string id = call_id("call_", "", "c", 0, 1);
  CHECK(id == call_id("call_", "", "c", 0, 1));
  CHECK(id.size() == 21);
  for (const std::string& other : {call_id("call_", "", "d", 0, 1), call_id("call_", "", "c", 0, 2),
                                   call_id("call_", "", "c", 1, 1), call_id("call_", "", "c", 1, 0)}) {
    CHECK(id != other);
  }
}

TEST_CASE("a stream that fails writes nothing of its own") {
  CHECK(written({chat::Ping{}, chat::Error{}}, true) == "");
}

TEST_CASE("reasons to finish are OpenAI's words") {
  using chat::FinishReason;
  for (const auto& [reason, text, word] : {std::tuple{FinishReason::stop, "end_turn", "stop"},
                                           {FinishReason::length, "max_tokens", "length"},
                                           {FinishReason::refusal, "refusal", "content_filter"},
                                           {FinishReason::filter, "SAFETY", "content_filter"},
                                           {FinishReason::tools, "tool_use", "tool_calls"},
                                           {FinishReason::tools, "function_call", "function_call"},
                                           {FinishReason::pause, "pause_turn", "stop"},
                                           {FinishReason::other, "", "stop"},
                                           {FinishReason::other, "error", "error"}}) {
    CHECK(chunks({kBegin, chat::Finish{0, reason, text, ""}})[0] ==
          R"({"index":0,"delta":{},"finish_reason":")" + std::string(word) + "\"}");
  }
}

TEST_CASE("events become a document at their end") {
  const std::vector<ChatEvent> events = {kBegin,
                                         chat::ReasoningDelta{0, "h"},
                                         chat::ReasoningDelta{0, "m"},
                                         chat::ReasoningEnd{.signature = "s"},
                                         chat::ReasoningEnd{.redacted = "d"},
                                         chat::ToolBegin{0, 0, "t", "f", false},
                                         chat::ToolBegin{0, 1, "u", "g", true},
                                         chat::ToolArguments{0, 0, "{"},
                                         chat::ToolArguments{0, 1, "x"},
                                         chat::ToolArguments{0, 0, "}"},
                                         chat::ToolEnd{0, 0, ""},
                                         chat::ToolEnd{0, 1, "g"},
                                         chat::Finish{0, chat::FinishReason::tools, "", ""}};
  CHECK(written(events, false) == "");
  std::vector<ChatEvent> complete = events;
  complete.emplace_back(chat::End{});
  CHECK(
      canonical_json(written(complete, false)) ==
      canonical_json(
          R"({"id":"c","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{)"
          R"("role":"assistant","content":null,"refusal":null,"reasoning_content":"hm","reasoning_details":[)"
          R"({"type":"reasoning.text","text":"hm","signature":"s"},{"type":"reasoning.encrypted","data":"d"}],)"
          R"("tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}},)"
          R"({"id":"u","type":"custom","custom":{"name":"g","input":"x"},)"
          R"("extra_content":{"google":{"thought_signature":"g"}}}]},"logprobs":null,"finish_reason":"tool_calls"}]})"));
  const auto writer = make_openai_writer(false, false);
  std::string out;
  writer->write(kBegin, out);
  writer->write(chat::TextDelta{0, "12345"}, out);
  CHECK(writer->kept() == 5);
}

TEST_CASE("audio and log probabilities that come in pieces are one in a document") {
  const std::string document =
      written({kBegin, chat::Media{0, R"({"id":"u","data":"AA","transcript":"a"})", true},
               chat::LogProbs{0, R"({"content":[{"token":"a"}],"refusal":null})"},
               chat::Media{0, R"({"data":"BB","transcript":"b","expires_at":9})", true},
               chat::LogProbs{0, R"({"content":[{"token":"b"}]})"}, chat::Finish{}, chat::End{}},
              false);
  CHECK(document.find(R"("audio":{"id":"u","data":"AABB","transcript":"ab","expires_at":9})") != document.npos);
  CHECK(document.find(R"("logprobs":{"content":[{"token":"a"},{"token":"b"}],"refusal":null})") != document.npos);
}

TEST_CASE("answers survive being written and read") {
  round_trip(
      R"({"id":"c","model":"m","created":7,"choices":[{"index":0,"message":{"role":"assistant","content":"a\u0007\"",)"
      R"("reasoning_details":[{"type":"reasoning.text","text":"one","signature":"s1","format":"f"},)"
      R"({"type":"reasoning.encrypted","data":"d"},{"type":"reasoning.text","text":"two","signature":"s2"}],)"
      R"("annotations":[{"type":"url_citation"}],"images":[{"type":"image_url","image_url":{"url":"u"}}],)"
      R"("tool_calls":[{"id":"t","type":"custom","custom":{"name":"f","input":"x"}}]},"finish_reason":"tool_calls"},)"
      R"({"index":1,"message":{"role":"assistant","content":null,"refusal":"no","function_call":{"name":"f",)"
      R"("arguments":"{}"}},"finish_reason":"function_call"}],"usage":{"prompt_tokens":9,"completion_tokens":5}})",
      true);
}

TEST_CASE("recorded answers survive being written and read") {
  for (const auto& [name, text] : recorded_chats(".sse")) {
    const bool fails = text.find("event: error") != text.npos || text.find("\"error\":{") != text.npos;
    if (fails || event_data(text).empty() || text.find("\"delta\"") == text.npos) continue;
    CAPTURE(name);
    round_trip(text, false);
  }
  for (const auto& [name, text] : recorded_chats(".response.json")) {
    if (text.find("\"message\"") == text.npos || text.find("\"choices\"") == text.npos) continue;
    CAPTURE(name);
    round_trip(text, true);
  }
}

TEST_CASE("a custom tool's call has no older form, whatever its id") {
  const std::vector<ChatEvent> events{chat::Begin{"c", "m", 7},
                                      chat::ToolBegin{0, 0, "", "f", true},
                                      chat::ToolArguments{0, 0, "SELECT 1"},
                                      chat::ToolEnd{0, 0, {}},
                                      chat::Finish{0, chat::FinishReason::tools, "tool_calls", {}},
                                      chat::End{}};
  for (const bool stream : {true, false}) {
    const std::string out = written(events, stream);
    CHECK(out.find("function_call") == out.npos);
    ChatLog log;
    ChatEventReader reader;
    if (stream) {
      for (const std::string_view data : event_data(out)) reader.read_chunk(data, log);
    } else {
      PaddedBuffer document;
      document.append(out);
      reader.read_document(document, log);
    }
    reader.finish(log);
    REQUIRE(log.choices[0].tools.size() == 1);
    CHECK(log.choices[0].tools[0].custom);
    CHECK(log.choices[0].tools[0].arguments == "SELECT 1");
  }
}
