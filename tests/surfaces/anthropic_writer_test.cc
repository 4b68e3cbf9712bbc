// What is written for clients of Anthropic's shape is read back by the reader of that shape.
#include <functional>

#include "support/catch.h"
#include "support/chat_log.h"
#include "surfaces/anthropic.h"
#include "wire/anthropic/message_reader.h"
#include "wire/json/repair.h"
#include "wire/sse/scanner.h"

using namespace gateway;
using gateway::testing::ChatLog;

namespace {

std::string write(const std::vector<ChatEvent>& events, bool stream) {
  const auto writer = make_anthropic_writer(stream, 17);
  std::string out;
  for (const ChatEvent& each : events) writer->write(each, out);
  return out;
}

ChatLog read(const std::string& bytes, bool stream) {
  ChatLog log;
  anthropic::MessageReader reader;
  if (!stream) {
    PaddedBuffer json;
    json.append(bytes);
    REQUIRE((reader.read_document(json, &log) == anthropic::MessageReader::Piece::stop));
    reader.finish(log);
    return log;
  }
  SseScanner scanner;
  scanner.push(bytes);
  SseEvent event;
  auto last = anthropic::MessageReader::Piece::broken;
  while (scanner.next(event)) {
    REQUIRE_FALSE(event.name.empty());
    last = reader.read_event(event.data, &log);
    REQUIRE((last != anthropic::MessageReader::Piece::broken));
  }
  REQUIRE((last == anthropic::MessageReader::Piece::stop));
  reader.finish(log);
  return log;
}

Usage used() {
  Usage usage;
  usage.input = 30;
  usage.cached_input = 10;
  usage.cache_write = 5;
  usage.output = 9;
  return usage;
}

}  // namespace

TEST_CASE("all kinds of blocks come back as they were said", "[surfaces][anthropic]") {
  const std::vector<ChatEvent> events{
      chat::Begin{"chatcmpl-1", "m", 5},
      chat::ReasoningDelta{0, "So "},
      chat::ReasoningDelta{0, "then"},
      chat::ReasoningEnd{0, "c2ln", {}, "anthropic-claude-v1"},
      chat::ReasoningEnd{0, {}, "ZW5j", "anthropic-claude-v1"},
      chat::TextDelta{0, "Hello \"there\"\n"},
      chat::ToolBegin{0, 0, "call_1", "f", false},
      chat::ToolArguments{0, 0, "{\"a\":"},
      chat::ToolArguments{0, 0, "1}"},
      chat::ToolEnd{0, 0, {}},
      chat::ToolBegin{0, 1, "call_2", "g", false},
      chat::ToolEnd{0, 1, {}},
      chat::Finish{0, chat::FinishReason::stop, "stop", {}},
      chat::UsageReport{used(), {}},
      chat::End{},
  };
  for (const bool stream : {false, true}) {
    CAPTURE(stream);
    const ChatLog log = read(write(events, stream), stream);
    CHECK(log.fault == "");
    CHECK(log.id == "msg_chatcmpl-1");
    const ChatLog::Choice& choice = log.choices.at(0);
    CHECK(choice.reasoning == "So then");
    CHECK(choice.signatures == std::vector<std::string>{"c2ln||anthropic-claude-v1", "|ZW5j|anthropic-claude-v1"});
    CHECK(choice.text == "Hello \"there\"\n");
    REQUIRE(choice.tools.size() == 2);
    CHECK(choice.tools[0].arguments == "{\"a\":1}");
    CHECK(choice.tools[1].arguments == "{}");
    CHECK(choice.finish_text == "tool_use");
    CHECK(log.usage.back().usage == used());
  }
}

TEST_CASE("a stream says what its input may be until that is known", "[surfaces][anthropic]") {
  const std::string stream = write({chat::Begin{"msg_1", "m", 0}, chat::TextDelta{0, "x"}}, true);
  CHECK(stream.starts_with("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","));
  CHECK(stream.find(R"("input_tokens":17)") != std::string::npos);
  CHECK(stream.find("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,") !=
        std::string::npos);
}

TEST_CASE("another provider's signature is marked, and found again in the next turn", "[surfaces][anthropic]") {
  const std::string document = write(
      {chat::Begin{"a", "m", 0}, chat::ReasoningDelta{0, "Hm"}, chat::ReasoningEnd{0, "abc:d", {}, "google-gemini-v1"},
       chat::Finish{0, chat::FinishReason::stop, "stop", {}}, chat::End{}},
      false);
  const std::string marked = "gateway:google-gemini-v1:abc:d";
  CHECK(document.find("\"signature\":\"" + marked + "\"") != std::string::npos);
  PaddedBuffer body;
  body.append(R"({"model":"m","max_tokens":5,"messages":[{"role":"assistant","content":[{"type":"thinking",)"
              R"("thinking":"Hm","signature":")" +
              marked + "\"}]}]}");
  ChatRequest chat;
  REQUIRE(read_anthropic_messages(body, chat).has_value());
  const auto& thought = std::get<chat::Reasoning>(chat.turns.at(0).blocks.at(0).value);
  CHECK(thought.signature == "abc:d");
  CHECK(thought.origin == "google-gemini-v1");
}

TEST_CASE("why an answer stopped, in Anthropic's words", "[surfaces][anthropic]") {
  using R = chat::FinishReason;
  const auto reason = [](R why, std::string_view text, std::string_view detail = {}) {
    const std::vector<ChatEvent> events{chat::Begin{"a", "m", 0}, chat::TextDelta{0, "x"},
                                        chat::Finish{0, why, text, detail}, chat::End{}};
    return read(write(events, true), true).choices.at(0).finish_text;
  };
  CHECK(reason(R::stop, "stop") == "end_turn");
  CHECK(reason(R::stop, "stop_sequence", "END") == "stop_sequence");
  CHECK(reason(R::length, "length") == "max_tokens");
  CHECK(reason(R::filter, "content_filter") == "refusal");
  CHECK(reason(R::other, "eos") == "end_turn");
}

TEST_CASE("calls that come beside each other are blocks one after the other", "[surfaces][anthropic]") {
  std::string stream =
      write({chat::Begin{"msg_1", "m", 5}, chat::ToolBegin{0, 0, "a", "f", false}, chat::ToolArguments{0, 0, "{\"x\":"},
             chat::ToolBegin{0, 1, "b", "g", false}, chat::ToolArguments{0, 1, "{\"y\":"},
             chat::ToolArguments{0, 0, "1}"}, chat::ToolArguments{0, 1, "2}"}, chat::ToolEnd{0, 1, {}},
             chat::ToolEnd{0, 0, {}}, chat::Finish{0, chat::FinishReason::tools, "tool_calls", {}}, chat::End{}},
            true);
  int open = -1, ended = 0;
  SseScanner scanner;
  scanner.push(stream);
  SseEvent event;
  while (scanner.next(event)) {
    const std::string data(event.data);
    INFO(data);
    const std::size_t at = data.find("\"index\":");
    if (at == data.npos) continue;
    const int index = data[at + 8] - '0';
    if (event.name == "content_block_start") {
      CHECK(open == -1);
      open = index;
    } else {
      CHECK(open == index);
    }
    if (event.name == "content_block_stop") open = -1, ++ended;
  }
  CHECK(open == -1);
  CHECK(ended == 2);
  CHECK(stream.find(R"("partial_json":"{\"y\":2}")") != stream.npos);
}

TEST_CASE("arguments that are no object are written as what can be read of them", "[surfaces][anthropic]") {
  const std::vector<std::pair<const char*, const char*>> table{
      {R"({"x":"abc)", R"("input":{"x":"abc"})"},
      {"not json", R"("input":{})"},
      {R"({"a":1}{"b":2})", R"("input":{})"},
      {R"({"a":1}","stop_reason":"end_turn","x":")", R"("input":{})"},
      {"null", R"("input":{})"},
      {R"("str")", R"("input":{})"},
      {R"({"a":1})", R"("input":{"a":1})"},
  };
  for (const auto& [arguments, expected] : table) {
    INFO(arguments);
    const std::string written = write(
        {chat::Begin{"msg_1", "m", 5}, chat::ToolBegin{0, 0, "a", "f", false}, chat::ToolArguments{0, 0, arguments},
         chat::ToolEnd{0, 0, {}}, chat::Finish{0, chat::FinishReason::length, "length", {}}, chat::End{}},
        false);
    CHECK(written.find(expected) != written.npos);
    CHECK(json::fault_in(written).empty());
  }
}
