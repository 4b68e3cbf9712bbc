#include "wire/openai/event_reader.h"

#include <simdjson.h>

#include <set>

#include "support/catch.h"
#include "support/chat_log.h"
#include "support/recorded.h"
#include "wire/openai/bodies.h"

using namespace gateway;
using gateway::test::padded;
using gateway::testing::ChatLog;
using gateway::testing::event_data;
using gateway::testing::recorded_chats;

namespace {

using Lines = std::vector<std::string>;

ChatLog read_stream(const std::vector<std::string_view>& chunks) {
  ChatLog log;
  ChatEventReader reader;
  for (const std::string_view chunk : chunks) reader.read_chunk(chunk, log);
  reader.finish(log);
  return log;
}

ChatLog read_document(std::string_view json) {
  ChatLog log;
  ChatEventReader reader;
  reader.read_document(padded(json), log);
  reader.finish(log);
  return log;
}

std::string delta(std::string_view members, std::string_view beside = {}) {
  return R"({"id":"c","model":"m","created":7,"choices":[{"index":0,"delta":{)" + std::string(members) + "}" +
         std::string(beside) + "}]}";
}

Lines lines_of(const std::vector<std::string>& chunks) {
  const ChatLog log = read_stream({chunks.begin(), chunks.end()});
  CHECK(log.fault == "");
  return log.lines;
}

}  // namespace

TEST_CASE("a stream of text is events in order") {
  const Lines lines = lines_of({delta(R"("role":"assistant","content":"")"), delta(R"("content":"Hel")"),
                                delta(R"("content":"lo")"), delta("", R"(,"finish_reason":"stop")"),
                                R"({"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})"});
  CHECK(lines == Lines{"begin c", "text Hel", "text lo", "finish stop stop", "usage 3 2", "end"});
}

TEST_CASE("a document is the same events") {
  const ChatLog log = read_document(
      R"({"id":"c","model":"m","created":7,"choices":[{"index":0,"message":{"role":"assistant","content":"Hello",)"
      R"("refusal":null,"reasoning_content":"hm","tool_calls":[{"id":"t","type":"function","function":)"
      R"({"name":"f","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],)"
      R"("usage":{"prompt_tokens":3,"completion_tokens":2,"cost":0.5}})");
  CHECK(log.fault == "");
  CHECK(log.lines == Lines{"begin c", "reasoning hm", "reasoning end ||", "text Hello", "tool 0 t f", "arguments 0 {}",
                           "tool end 0", "finish tools tool_calls", "usage 3 2", "end"});
  CHECK(log.model == "m");
  CHECK(log.created == 7);
  REQUIRE(log.usage.size() == 1);
  CHECK(log.usage[0].cost == Money::parse("0.5").value());
}

TEST_CASE("reasoning ends before the text, whichever member is first") {
  CHECK(lines_of({delta(R"("content":"a","reasoning":"hm")")}) ==
        Lines{"begin c", "reasoning hm", "reasoning end ||", "text a", "finish other ", "end"});
}

TEST_CASE("reasoning that several members repeat is read once, with its signature") {
  const std::string piece = R"("reasoning":"hm","reasoning_content":"hm","reasoning_details":[{"text":"hm"}])";
  const std::string last = R"("reasoning_details":[{"text":"","signature":"s","format":"anthropic-claude-v1"}])";
  CHECK(lines_of({delta(piece), delta(last), delta(R"("content":"a")")}) ==
        Lines{"begin c", "reasoning hm", "reasoning end s||anthropic-claude-v1", "text a", "finish other ", "end"});
  CHECK(lines_of({delta(R"("reasoning_content":"hm")"),
                  delta(R"("reasoning_details":[{"text":"hm","signature":"s"},{"data":"d"}])")}) ==
        Lines{"begin c", "reasoning hm", "reasoning end s||", "reasoning end |d|", "finish other ", "end"});
}

TEST_CASE("tool calls interleave, and end before what follows") {
  CHECK(lines_of({delta(R"("tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":""}}])"),
                  delta(R"("tool_calls":[{"index":1,"id":"y","function":{"name":"g","arguments":"{"}}])"),
                  delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{}"}},)"
                        R"({"index":1,"id":"","function":{"name":"g","arguments":"}"}}])"),
                  delta(R"("content":"a")"), delta(R"("tool_calls":[{"index":0,"function":{"arguments":"late"}}])"),
                  delta("", R"(,"finish_reason":"tool_calls")"), delta(R"("content":"late")")}) ==
        Lines{"begin c", "tool 0 x f", "tool 1 y g", "arguments 1 {", "arguments 0 {}", "arguments 1 }", "tool end 0",
              "tool end 1", "text a", "finish tools tool_calls", "end"});
}

TEST_CASE("tool calls are distinguished without an index, and by ids that share one") {
  CHECK(lines_of({delta(R"("tool_calls":[{"id":"x","function":{"name":"f","arguments":"1"}}])"),
                  delta(R"("tool_calls":[{"function":{"arguments":"2"}}])"),
                  delta(R"("tool_calls":[{"id":"y","function":{"name":"f","arguments":"3"}}])")}) ==
        Lines{"begin c", "tool 0 x f", "arguments 0 1", "arguments 0 2", "tool 1 y f", "arguments 1 3", "tool end 0",
              "tool end 1", "finish other ", "end"});
  CHECK(lines_of({delta(R"("tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"1"}}])"),
                  delta(R"("tool_calls":[{"index":0,"id":"y","function":{"name":"f","arguments":"2"}}])"),
                  delta(R"("tool_calls":[{"index":0,"function":{"arguments":"3"}}])")}) ==
        Lines{"begin c", "tool 0 x f", "arguments 0 1", "tool 1 y f", "arguments 1 2", "arguments 1 3", "tool end 0",
              "tool end 1", "finish other ", "end"});
}

TEST_CASE("a tool call begins once its name is known") {
  CHECK(lines_of({delta(R"("tool_calls":[{"index":0,"id":"x","function":{"arguments":"1"}}])"),
                  delta(R"("tool_calls":[{"index":0,"function":{"name":"f","arguments":"2"}}])")}) ==
        Lines{"begin c", "tool 0 x f", "arguments 0 1", "arguments 0 2", "tool end 0", "finish other ", "end"});
}

TEST_CASE("tool calls are counted as they begin") {
  CHECK(lines_of({delta(R"("tool_calls":[{"index":0,"id":"x","function":{"arguments":"1"}}])"),
                  delta(R"("tool_calls":[{"index":1,"id":"y","function":{"name":"g","arguments":"2"}}])")}) ==
        Lines{"begin c", "tool 0 y g", "arguments 0 2", "tool 1 x ", "arguments 1 1", "tool end 1", "tool end 0",
              "finish other ", "end"});
}

TEST_CASE("the older form, custom tools and signatures of calls are tool calls") {
  CHECK(lines_of({delta(R"("function_call":{"name":"f","arguments":"1"})"),
                  delta(R"("function_call":{"arguments":"2"})", R"(,"finish_reason":"function_call")")}) ==
        Lines{"begin c", "tool 0  f", "arguments 0 1", "arguments 0 2", "tool end 0", "finish tools function_call",
              "end"});
  const std::string custom =
      delta(R"("tool_calls":[{"index":0,"id":"x","type":"custom","custom":{"name":"f","input":"1"},)"
            R"("extra_content":{"google":{"thought_signature":"s"}}}])");
  const ChatLog log = read_stream({custom});
  REQUIRE(log.choices.at(0).tools.size() == 1);
  CHECK(log.choices.at(0).tools[0].custom);
  CHECK(log.choices.at(0).tools[0].signature == "s");
}

TEST_CASE("a chunk that only judges the prompt does not begin the answer") {
  CHECK(lines_of({R"({"id":"","model":"","choices":[],"prompt_filter_results":[]})", delta(R"("content":"a")")}) ==
        Lines{"begin c", "text a", "finish other ", "end"});
  CHECK(lines_of({}) == Lines{"begin ", "end"});
}

TEST_CASE("reasons to finish have one name each") {
  for (const auto& [word, reason] : {std::pair{"stop", "stop"},
                                     {"eos", "stop"},
                                     {"length", "length"},
                                     {"model_length", "length"},
                                     {"content_filter", "filter"},
                                     {"refusal", "refusal"},
                                     {"tool_calls", "tools"},
                                     {"insufficient_system_resource", "other"}}) {
    const std::string chunk = delta("", R"(,"stop_reason":"END","finish_reason":")" + std::string(word) + "\"");
    const ChatLog log = read_stream({chunk});
    CHECK(log.choices.at(0).finish == reason);
    CHECK(log.choices.at(0).finish_text == word);
    CHECK(log.choices.at(0).detail == "END");
  }
}

TEST_CASE("what comes beside text is handed on as it came") {
  const std::string logprobs = R"(,"logprobs":{"content":[{"token":"a","logprob":-0.5}],"refusal":null})";
  CHECK(lines_of({delta(R"("content":"a","refusal":"no","annotations":[{"type":"url_citation"}],)"
                        R"("images":[{"type":"image_url"}],"audio":{"id":"u","data":"AA"})",
                        logprobs)}) == Lines{"begin c", "text a", "refusal no", R"(annotation {"type":"url_citation"})",
                                             R"(audio {"id":"u","data":"AA"})", R"(image {"type":"image_url"})",
                                             "log probabilities " + logprobs.substr(12), "finish other ", "end"});
}

TEST_CASE("a choice has no more tool calls than can be looked through") {
  std::string calls;
  for (int i = 0; i < 1500; ++i) calls += std::string(i == 0 ? "" : ",") + R"({"function":{"name":"f"}})";
  const ChatLog log = read_document(R"({"choices":[{"message":{"tool_calls":[)" + calls + "]}}]}");
  CHECK(log.fault == "");
  CHECK(log.choices.at(0).tools.size() == 1024);
}

TEST_CASE("several choices are distinguished") {
  const ChatLog log =
      read_stream({R"({"id":"c","choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]})",
                   R"({"id":"c","choices":[{"index":1,"delta":{},"finish_reason":"stop"}]})",
                   R"({"id":"c","choices":[{"index":0,"delta":{"content":"c"},"finish_reason":"length"}]})"});
  CHECK(log.fault == "");
  CHECK(log.choices.at(0).text == "ac");
  CHECK(log.choices.at(1).text == "b");
  CHECK(log.choices.at(0).finish == "length");
}

TEST_CASE("content in parts is text and reasoning") {
  CHECK(lines_of({delta(R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},)"
                        R"({"type":"text","text":"a"}])")}) ==
        Lines{"begin c", "reasoning hm", "reasoning end ||", "text a", "finish other ", "end"});
}

TEST_CASE("odd JSON loses nothing that can be read") {
  CHECK(lines_of({delta(R"("content":"a\ud83d")"), delta(R"("content":"\ude00b","x":123456789012345678901234567890)"),
                  delta(R"("content":"\ud83d\ude00c","y":1e999)")}) == Lines{"begin c", "text a\xef\xbf\xbd",
                                                                             "text \xef\xbf\xbd"
                                                                             "b",
                                                                             "text \xf0\x9f\x98\x80"
                                                                             "c",
                                                                             "finish other ", "end"});
  for (const char* odd :
       {"{}", "[]", "", "{\"choices\":5}", "{\"choices\":[5,null,[]]}", "{\"choices\":[{\"index\":-1}]}",
        "{\"choices\":[{\"index\":1000,\"delta\":{\"content\":\"x\"}}]}",
        "{\"choices\":[{\"delta\":5,\"message\":[],\"finish_reason\":7}]}",
        "{\"choices\":[{\"delta\":{\"content\":{},\"tool_calls\":[5,{}],\"function_call\":[]}}]}"}) {
    CAPTURE(odd);
    const ChatLog log = read_stream({odd, odd});
    CHECK(log.fault == "");
    CHECK(log.ended);
    CHECK(read_document(odd).fault == "");
  }
}

TEST_CASE("recorded streams and documents keep their text and their order") {
  std::size_t streams = 0, documents = 0;
  for (const auto& [name, text] : recorded_chats(".sse")) {
    const auto chunks = event_data(text);
    if (chunks.empty() || text.find("\"delta\"") == text.npos) continue;
    CAPTURE(name);
    const ChatLog log = read_stream(chunks);
    CHECK(log.fault == "");
    std::string expected;
    for (const std::string_view chunk : chunks) {
      simdjson::dom::parser parser;
      std::string_view piece;
      if (parser.parse(std::string(chunk)).at_pointer("/choices/0/delta/content").get(piece) == simdjson::SUCCESS) {
        expected += piece;
      }
    }
    const bool has_parts = text.find("\"content\":[") != text.npos;
    if (log.choices.contains(0) && !has_parts) CHECK(log.choices.at(0).text == expected);
    ++streams;
  }
  for (const auto& [name, text] : recorded_chats(".response.json")) {
    if (text.find("\"message\"") == text.npos || text.find("\"choices\"") == text.npos) continue;
    CAPTURE(name);
    CHECK(read_document(text).fault == "");
    ++documents;
  }
  std::cout << "recorded answers read as events: " << streams << " streams, " << documents << " documents\n";
}

TEST_CASE("calls are distinguished without an id, and one of which nothing is said is none") {
  CHECK(
      lines_of(
          {delta(R"("tool_calls":[{},{"index":1,"id":"t","function":{"name":"g","arguments":""}}])"),
           delta(R"("tool_calls":[{"index":0,"function":{"arguments":"1"}},{"index":2,"function":{"name":"h"}}])")}) ==
      Lines{"begin c", "tool 0 t g", "tool 1  h", "tool end 0", "tool 2  ", "arguments 2 1", "tool end 2", "tool end 1",
            "finish other ", "end"});
}
