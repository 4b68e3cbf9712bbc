#include "wire/anthropic/message_reader.h"

#include <simdjson.h>

#include "support/catch.h"
#include "support/chat_log.h"
#include "support/recorded.h"
#include "wire/sse/scanner.h"

using namespace gateway;
using gateway::anthropic::MessageReader;
using gateway::testing::anthropic_recorded;
using gateway::testing::ChatLog;
using simdjson::dom::element;

namespace {

using Piece = MessageReader::Piece;

std::vector<std::string> data_of(std::string_view stream) {
  SseScanner scanner;
  scanner.push(stream);
  std::vector<std::string> out;
  SseEvent event;
  while (scanner.next(event)) {
    if (event.kind == SseEvent::Kind::data) out.emplace_back(event.data);
  }
  if (scanner.finish(event) && event.kind == SseEvent::Kind::data) out.emplace_back(event.data);
  return out;
}

struct Heard {
  ChatLog log;
  MessageReader reader;
  Piece last = Piece::broken;

  void stream(std::string_view bytes) {
    for (const std::string& each : data_of(bytes)) {
      last = reader.read_event(each, &log);
      if (last == Piece::error || last == Piece::broken) return;
      if (last == Piece::stop) return reader.finish(log);
    }
  }
  void document(std::string_view text) {
    PaddedBuffer json;
    json.append(text);
    last = reader.read_document(json, &log);
    if (last == Piece::stop) reader.finish(log);
  }
};

std::string text_at(element root, const char* pointer) {
  std::string_view text;
  return root.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}
std::int64_t whole_at(element root, const std::string& pointer) {
  std::int64_t number = 0;
  return root.at_pointer(pointer).get(number) == simdjson::SUCCESS ? number : 0;
}

// What a stream says, found by other means: texts joined, counts overwritten.
struct Expected {
  std::string text, thinking, signature, stop;
  std::int64_t input = 0, read = 0, written = 0, output = 0, tools = 0;

  void usage(element root, const std::string& at) {
    element usage;
    if (root.at_pointer(at).get(usage) != simdjson::SUCCESS) return;
    for (const auto& [name, figure] : {std::pair<const char*, std::int64_t*>{"input_tokens", &input},
                                       {"cache_read_input_tokens", &read},
                                       {"cache_creation_input_tokens", &written},
                                       {"output_tokens", &output}}) {
      std::int64_t number = 0;
      if (usage[name].get(number) == simdjson::SUCCESS) *figure = number;
    }
  }
  void take(const std::string& json) {
    simdjson::dom::parser parser;
    element root;
    REQUIRE(parser.parse(json).get(root) == simdjson::SUCCESS);
    text += text_at(root, "/delta/text") + text_at(root, "/content_block/text");
    thinking += text_at(root, "/delta/thinking");
    signature += text_at(root, "/delta/signature");
    if (const auto reason = text_at(root, "/delta/stop_reason"); !reason.empty()) stop = reason;
    tools += text_at(root, "/content_block/type") == "tool_use" ? 1 : 0;
    usage(root, "/message/usage");
    usage(root, "/usage");
  }
};

constexpr const char* kStart =
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"usage":{"input_tokens":3,"cache_read_input_tokens":5,"cache_creation_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":3},"output_tokens":1}}})";
constexpr const char* kStop = R"({"type":"message_stop"})";

Heard hear(std::initializer_list<const char*> events) {
  Heard heard;
  for (const char* each : events) heard.last = heard.reader.read_event(each, &heard.log);
  if (heard.last == Piece::stop) heard.reader.finish(heard.log);
  CHECK(heard.log.fault == "");
  return heard;
}

}  // namespace

TEST_CASE("every recorded stream of Anthropic is read whole, in order", "[wire][anthropic][fixtures]") {
  const auto all = anthropic_recorded(".sse");
  if (all.empty()) return;
  CHECK(all.size() >= 25);
  for (const auto& each : all) {
    CAPTURE(each.name);
    if (each.name.find("message-start") != std::string::npos) continue;  // two answers in one
    Heard heard;
    heard.stream(each.text);
    CHECK(heard.log.fault == "");
    Expected expected;
    for (const std::string& data : data_of(each.text)) {
      expected.take(data);
      if (data.find("\"message_stop\"") != std::string::npos) break;  // some recordings go on with another answer
    }
    if (heard.last == Piece::error) {
      CHECK(each.name.find("overloaded") != std::string::npos);
      CHECK(heard.log.choices[0].text == expected.text);
      continue;
    }
    REQUIRE(heard.last == Piece::stop);
    CHECK(heard.log.ended);
    const ChatLog::Choice& choice = heard.log.choices[0];
    CHECK(choice.text == expected.text);
    CHECK(choice.reasoning == expected.thinking);
    CHECK(choice.finish_text == expected.stop);
    CHECK(choice.tools.size() == static_cast<std::size_t>(expected.tools));
    for (const ChatLog::Tool& tool : choice.tools) {
      simdjson::dom::parser parser;
      element arguments;
      CHECK(parser.parse(tool.arguments).get(arguments) == simdjson::SUCCESS);
    }
    if (!expected.signature.empty()) {
      REQUIRE_FALSE(choice.signatures.empty());
      CHECK(choice.signatures[0] == expected.signature + "||anthropic-claude-v1");
    }
    REQUIRE_FALSE(heard.log.usage.empty());
    const Usage& usage = heard.log.usage.back().usage;
    CHECK(usage.cached_input == expected.read);
    CHECK(usage.cache_write == expected.written);
    if (each.name != "advisor-stream") {
      CHECK(usage.input == expected.input + expected.read + expected.written);
      CHECK(usage.output == expected.output);
    }
  }
}

TEST_CASE("every recorded document of Anthropic is read whole", "[wire][anthropic][fixtures]") {
  for (const auto& each : anthropic_recorded(".response.json")) {
    CAPTURE(each.name);
    Heard heard;
    heard.document(each.text);
    CHECK(heard.log.fault == "");
    if (each.name.find("error") != std::string::npos) {
      CHECK(heard.last == Piece::error);
      continue;
    }
    if (each.name.starts_with("count-tokens")) continue;
    REQUIRE(heard.last == Piece::stop);
    simdjson::dom::parser parser;
    element root;
    REQUIRE(parser.parse(each.text).get(root) == simdjson::SUCCESS);
    CHECK(heard.log.choices[0].finish_text == text_at(root, "/stop_reason"));
    std::string text;
    simdjson::dom::array blocks;  // Named: the loop would not keep the result that holds it.
    REQUIRE(root["content"].get(blocks) == simdjson::SUCCESS);
    for (const element block : blocks) text += text_at(block, "/text");
    CHECK(heard.log.choices[0].text == text);
    const Usage& usage = heard.log.usage.back().usage;
    if (each.name.find("compaction") == std::string::npos)
      CHECK(usage.output == whole_at(root, "/usage/output_tokens"));
    CHECK(usage.cached_input == whole_at(root, "/usage/cache_read_input_tokens"));
  }
}

TEST_CASE("the counts of a stream replace each other, each by itself", "[wire][anthropic]") {
  Heard heard =
      hear({kStart, R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}})",
            R"({"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":11,)"
            R"("output_tokens_details":{"thinking_tokens":4},"server_tool_use":{"web_search_requests":2}}})",
            kStop});
  const Usage& usage = heard.log.usage.back().usage;
  CHECK(usage.input == 15);
  CHECK(usage.cached_input == 5);
  CHECK(usage.cache_write == 7);
  CHECK(usage.output == 11);
  CHECK(usage.reasoning == 4);
  CHECK(usage.searches == 2);
  CHECK(heard.reader.facts().usage.hour_writes() == 3);
  CHECK(heard.log.choices[0].finish == "length");
  CHECK(heard.log.id == "msg_1");
}

TEST_CASE("a tool without arguments has an empty object, one whose input came whole has that", "[wire][anthropic]") {
  Heard heard = hear(
      {kStart,
       R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}})",
       R"({"type":"content_block_stop","index":0})",
       R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"b","name":"g","input":{"x":1}}})",
       R"({"type":"content_block_stop","index":1})",
       R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"c","name":"h","input":{}}})",
       R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"y\""}})",
       R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":":2}"}})",
       R"({"type":"content_block_stop","index":2})",
       R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}})", kStop});
  const auto& tools = heard.log.choices[0].tools;
  REQUIRE(tools.size() == 3);
  CHECK(tools[0].arguments == "{}");
  CHECK(tools[1].arguments == R"({"x":1})");
  CHECK(tools[2].arguments == R"({"y":2})");
  CHECK(heard.log.choices[0].finish == "tools");
}

TEST_CASE("refusals, pauses and unknown reasons", "[wire][anthropic]") {
  const auto finish = [](const char* delta) {
    const std::string event =
        std::string(R"({"type":"message_delta","delta":)") + delta + R"(,"usage":{"output_tokens":0}})";
    return hear({kStart, event.c_str(), kStop}).log.choices[0];
  };
  const auto refused = finish(R"({"stop_reason":"refusal","stop_details":{"type":"refusal","explanation":"No."}})");
  CHECK(refused.finish == "refusal");
  CHECK(refused.refusal == "No.");
  CHECK(finish(R"({"stop_reason":"pause_turn"})").finish == "pause");
  CHECK(finish(R"({"stop_reason":"model_context_window_exceeded"})").finish == "length");
  CHECK(finish(R"({"stop_reason":"compaction"})").finish == "other");
  CHECK(finish(R"({"stop_reason":"stop_sequence","stop_sequence":"END"})").detail == "END");
}

TEST_CASE("what an answer cites comes with the place of its text", "[wire][anthropic]") {
  Heard heard = hear(
      {kStart, R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Grüße. "}})",
       R"({"type":"content_block_stop","index":0})",
       R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":"","citations":[]}})",
       R"({"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://a.b","title":"A"}}})",
       R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Yes."}})",
       R"({"type":"content_block_stop","index":1})",
       R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}})", kStop});
  REQUIRE(heard.log.choices[0].annotations.size() == 1);
  CHECK(heard.log.choices[0].annotations[0] ==
        R"({"type":"url_citation","url_citation":{"start_index":7,"end_index":11,"url":"https://a.b","title":"A"}})");
}

TEST_CASE("a second beginning, unknown events and pings change nothing", "[wire][anthropic]") {
  Heard heard =
      hear({kStart, kStart, R"({"type":"ping"})", R"({"type":"news","index":7})",
            R"({"type":"content_block_delta","index":4,"delta":{"type":"text_delta","text":"lost"}})",
            R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}})", kStop});
  CHECK(heard.log.choices[0].text == "");
  CHECK(heard.log.ended);
}

TEST_CASE("an answer whose opening event is missing is read all the same", "[wire][anthropic]") {
  Heard heard =
      hear({R"({"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"x"}})",
            R"({"type":"content_block_stop","index":0})",
            R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":"Hello"}})",
            R"({"type":"content_block_stop","index":1})",
            R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})", kStop});
  CHECK(heard.log.fault == "");
  CHECK(heard.log.choices[0].text == "Hello");
  CHECK(heard.log.choices[0].finish == "stop");
  CHECK(heard.log.ended);
}
