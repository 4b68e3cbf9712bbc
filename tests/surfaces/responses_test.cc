// Clients of OpenAI's Responses API: their bodies become conversations, and events become their answers.
#include <algorithm>
#include <map>

#include "providers/openai_body.h"
#include "support/catch.h"
#include "support/json_value.h"
#include "support/recorded.h"
#include "surfaces/responses.h"
#include "wire/sse/scanner.h"

using namespace gateway;
using gateway::testing::canonical_json;
using gateway::testing::recorded_files;

namespace {

PaddedBuffer padded(const std::string& text) {
  PaddedBuffer body;
  body.append(text);
  return body;
}

std::string refusal(const std::string& members) {
  const PaddedBuffer body = padded(R"({"model":"m",)" + members + "}");
  ChatRequest chat;
  const auto read = read_responses(body, chat);
  return read ? "" : read.error().detail;
}

// The body as a provider of OpenAI's shape is asked.
std::string as_chat(const std::string& members) {
  const PaddedBuffer body = padded(R"({"model":"m",)" + members + "}");
  ChatRequest chat;
  const auto read = read_responses(body, chat);
  INFO(members);
  INFO((read ? "" : read.error().detail));
  REQUIRE(read.has_value());
  std::string out;
  REQUIRE(append_openai_body(out, chat, {.model = "m"}).has_value());
  return canonical_json(out, [](std::string_view key, std::string& value) {
    if (key == "model") value.clear();
  });
}

std::string written(const std::vector<ChatEvent>& events, bool stream, const std::string& body = R"({"model":"m"})") {
  const auto writer = make_responses_writer(stream, repeated_settings(padded(body)));
  std::string out;
  for (const ChatEvent& each : events) writer->write(each, out);
  return out;
}

// The names of a stream's events, neighbours of one name once. Each has its number, and its name within.
std::vector<std::string> names_of(const std::string& stream) {
  std::vector<std::string> names;
  SseScanner scanner;
  scanner.push(stream);
  SseEvent event;
  for (int number = 0; scanner.next(event); ++number) {
    const std::string name(event.name);
    INFO(event.data);
    CHECK(event.data.starts_with("{\"type\":\"" + name + "\",\"sequence_number\":" + std::to_string(number)));
    CHECK(canonical_json(std::string(event.data)) != "");
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

std::string last_data(const std::string& stream) {
  SseScanner scanner;
  scanner.push(stream);
  SseEvent event;
  std::string last;
  while (scanner.next(event)) last = event.data;
  return last;
}

// The member of that name: from its value's first byte to its end.
std::string member(const std::string& json, const std::string& key) {
  simdjson::dom::parser parser;
  simdjson::dom::element found;
  REQUIRE(parser.parse(json).at_pointer(key.empty() ? key : "/" + key).get(found) == simdjson::SUCCESS);
  return simdjson::minify(found);
}

Usage used() {
  Usage usage;
  usage.input = 30;
  usage.cached_input = 10;
  usage.output = 9;
  usage.reasoning = 4;
  return usage;
}

const std::vector<ChatEvent> kAll{
    chat::Begin{"chatcmpl-1", "m-2026", 5},
    chat::ReasoningDelta{0, "So "},
    chat::ReasoningDelta{0, "then"},
    chat::ReasoningEnd{0, "c2ln", {}, "anthropic-claude-v1"},
    chat::ReasoningEnd{0, {}, "ZW5j", "anthropic-claude-v1"},
    chat::TextDelta{0, "Hello "},
    chat::TextDelta{0, "\"there\""},
    chat::ToolBegin{0, 0, "call_1", "f", false},
    chat::ToolArguments{0, 0, "{\"a\":"},
    chat::ToolArguments{0, 0, "1}"},
    chat::ToolEnd{0, 0, {}},
    chat::ToolBegin{0, 1, "call_2", "g", true},
    chat::ToolArguments{0, 1, "any text"},
    chat::ToolEnd{0, 1, {}},
    chat::Finish{0, chat::FinishReason::tools, "tool_calls", {}},
    chat::UsageReport{used(), {}},
    chat::End{},
};

}  // namespace

TEST_CASE("a list of items becomes a conversation", "[surfaces][responses]") {
  CHECK(as_chat(R"("input":"Hi","instructions":"Be brief.")") ==
        R"({"messages":[{"content":"Be brief.","role":"system"},{"content":"Hi","role":"user"}]})");
  CHECK(as_chat(
            R"("input":[{"role":"developer","content":"Be brief."},{"role":"user","content":[)"
            R"({"type":"input_text","text":"Look"},{"type":"input_image","image_url":"https://a.b","detail":"low"}]},)"
            R"({"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[)"
            R"({"type":"output_text","text":"Well","annotations":[]}]},)"
            R"({"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{\"a\": 1}"},)"
            R"({"type":"function_call","call_id":"c2","name":"g","arguments":"{}"},)"
            R"({"type":"function_call_output","call_id":"c1","output":"one"},)"
            R"({"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"two"}]},)"
            R"({"role":"user","content":"and?"}])") ==
        R"({"messages":[{"content":"Be brief.","role":"system"},{"content":[{"text":"Look","type":"text"},)"
        R"({"image_url":{"detail":"low","url":"https://a.b"},"type":"image_url"}],"role":"user"},)"
        R"({"content":"Well","role":"assistant","tool_calls":[{"function":{"arguments":"{\"a\": 1}","name":"f"},)"
        R"("id":"c1","type":"function"},{"function":{"arguments":"{}","name":"g"},"id":"c2","type":"function"}]},)"
        R"({"content":"one","role":"tool","tool_call_id":"c1"},{"content":"two","role":"tool","tool_call_id":"c2"},)"
        R"({"content":"and?","role":"user"}]})");
}

TEST_CASE("results follow their calls at once, wherever they stand; what belongs to no call is the user's",
          "[surfaces][responses]") {
  const std::string call = R"({"type":"function_call","call_id":"a","name":"f","arguments":"{}"})";
  const std::string chat_call =
      R"({"role":"assistant","tool_calls":[{"function":{"arguments":"{}","name":"f"},"id":"a","type":"function"}]})";
  CHECK(as_chat(R"("input":[)" + call +
                R"(,{"role":"user","content":"hi"},{"type":"function_call_output","call_id":"a","output":"one"}])") ==
        R"({"messages":[)" + chat_call +
            R"(,{"content":"one","role":"tool","tool_call_id":"a"},{"content":"hi","role":"user"}]})");
  CHECK(as_chat(R"("input":[{"role":"user","content":"hi"},{"type":"function_call_output","output":"hello"}])") ==
        R"({"messages":[{"content":"hi","role":"user"},{"content":"hello","role":"user"}]})");
}

TEST_CASE("settings find their places", "[surfaces][responses]") {
  CHECK(as_chat(R"("input":"x","max_output_tokens":50,"temperature":0.5,"reasoning":{"effort":"low","summary":"auto"},)"
                R"("text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true},)"
                R"("verbosity":"low"},"tools":[{"type":"function","name":"f","parameters":{},"strict":false}],)"
                R"("tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false,"store":true,)"
                R"("metadata":{"a":"b"},"truncation":"disabled","include":["reasoning.encrypted_content"])") ==
        R"({"max_completion_tokens":50,"messages":[{"content":"x","role":"user"}],"parallel_tool_calls":false,)"
        R"("reasoning_effort":"low","response_format":{"json_schema":{"name":"n","schema":{"type":"object"},)"
        R"("strict":true},"type":"json_schema"},"temperature":0.5,"tool_choice":{"function":{"name":"f"},)"
        R"("type":"function"},"tools":[{"function":{"name":"f","parameters":{},"strict":false},"type":"function"}],)"
        R"("verbosity":"low"})");
}

TEST_CASE("what needs a state or OpenAI's own tools is refused by its name", "[surfaces][responses]") {
  CHECK(refusal(R"("input":"x","previous_response_id":"resp_1")").starts_with("previous_response_id: "));
  CHECK(refusal(R"("input":"x","conversation":"conv_1")").starts_with("conversation: "));
  CHECK(refusal(R"("input":"x","prompt":{"id":"p"})").starts_with("prompt: "));
  CHECK(refusal(R"("input":"x","background":true)").starts_with("background: "));
  CHECK(refusal(R"("input":"x","truncation":"auto")").starts_with("truncation: "));
  CHECK(refusal(R"("input":"x","max_tool_calls":3)").starts_with("max_tool_calls: "));
  CHECK(refusal(R"("input":"x","tools":[{"type":"web_search"}])").starts_with("tools[0]: "));
  CHECK(refusal(R"("input":"x","tools":[{"type":"mcp","server_label":"s"}])").starts_with("tools[0]: "));
  CHECK(refusal(R"("input":[{"type":"item_reference","id":"msg_1"}])").starts_with("input[0]: "));
  CHECK(refusal(R"("input":[{"type":"web_search_call","id":"ws_1","status":"completed"}])").starts_with("input[0]: "));
  CHECK(refusal(R"("input":[{"role":"king","content":""}])").starts_with("input[0].role: "));
  CHECK(refusal(R"("input":[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}])")
            .starts_with("input[0].content[0].file_id: "));
  CHECK(refusal(R"("input":7)").starts_with("input: "));
  CHECK(refusal(R"("input":"x","client_metadata":{"x":"y"})") == "");  // Codex's
  CHECK(refusal(R"("input":"x","wish":1)").starts_with("wish: "));
}

TEST_CASE("what is to be a number and is none is refused, never left out", "[surfaces][responses]") {
  for (const char* name : {"temperature", "top_p", "top_logprobs", "max_output_tokens"}) {
    const std::string member = "\"input\":\"x\",\"" + std::string(name) + "\":";
    CHECK(refusal(member + "\"5\"") == std::string(name) + ": it is not a number");
    CHECK(refusal(member + "[5]").starts_with(name));
    CHECK(refusal(member + "null") == "");
    CHECK(refusal(member + "1") == "");
  }
}

TEST_CASE("an answer's events come in the order that clients rely on", "[surfaces][responses]") {
  const std::string stream = written(kAll, true);
  CHECK(names_of(stream) == std::vector<std::string>{"response.created",
                                                     "response.in_progress",  //
                                                     "response.output_item.added",
                                                     "response.reasoning_summary_part.added",
                                                     "response.reasoning_summary_text.delta",
                                                     "response.reasoning_summary_text.done",
                                                     "response.reasoning_summary_part.done",
                                                     "response.output_item.done",  // the reasoning
                                                     "response.output_item.added",
                                                     "response.output_item.done",  // what is redacted
                                                     "response.output_item.added",
                                                     "response.content_part.added",  //
                                                     "response.output_text.delta",
                                                     "response.output_text.done",  //
                                                     "response.content_part.done",
                                                     "response.output_item.done",  // the message
                                                     "response.output_item.added",
                                                     "response.function_call_arguments.delta",  //
                                                     "response.function_call_arguments.done",
                                                     "response.output_item.done",  // a call
                                                     "response.output_item.added",
                                                     "response.custom_tool_call_input.delta",  //
                                                     "response.custom_tool_call_input.done",
                                                     "response.output_item.done",  // another
                                                     "response.completed"});
  // Its last event says the same as the answer in one piece.
  CHECK(member(last_data(stream), "response") == member(written(kAll, false), ""));
}

TEST_CASE("an answer has its usage, and repeats what was asked", "[surfaces][responses]") {
  const std::string document = written(kAll, false, R"({"model":"m","temperature":0.5,"tools":[{"type":"function"}]})");
  CHECK(member(document, "usage") ==
        R"({"input_tokens":30,"input_tokens_details":{"cached_tokens":10},"output_tokens":9,)"
        R"("output_tokens_details":{"reasoning_tokens":4},"total_tokens":39})");
  CHECK(member(document, "id") == R"("resp_chatcmpl-1")");
  CHECK(member(document, "model") == R"("m-2026")");
  CHECK(member(document, "status") == R"("completed")");
  CHECK(member(document, "temperature") == "0.5");
  CHECK(member(document, "tools") == R"([{"type":"function"}])");
  CHECK(member(document, "tool_choice") == R"("auto")");
  CHECK(member(document, "previous_response_id") == "null");
}

TEST_CASE("an answer that was cut says why", "[surfaces][responses]") {
  const auto status = [](chat::FinishReason reason, bool refused) {
    std::vector<ChatEvent> events{chat::Begin{"1", "m", 5}};
    if (refused) events.push_back(chat::RefusalDelta{0, "No."});
    events.insert(events.end(), {chat::Finish{0, reason, "", {}}, chat::End{}});
    const std::string document = written(events, false);
    const std::string streamed = written(events, true);
    CHECK(names_of(streamed).back() == "response." + member(document, "status").substr(1, 9) +
                                           (member(document, "status") == R"("incomplete")" ? "e" : ""));
    return member(document, "status") + member(document, "incomplete_details");
  };
  CHECK(status(chat::FinishReason::stop, false) == R"("completed"null)");
  CHECK(status(chat::FinishReason::length, false) == R"("incomplete"{"reason":"max_output_tokens"})");
  CHECK(status(chat::FinishReason::filter, false) == R"("incomplete"{"reason":"content_filter"})");
  CHECK(status(chat::FinishReason::refusal, false) == R"("incomplete"{"reason":"content_filter"})");
  CHECK(status(chat::FinishReason::refusal, true) == R"("completed"null)");
}

TEST_CASE("the last item of an answer that was cut is incomplete, streamed or not", "[surfaces][responses]") {
  const std::vector<ChatEvent> call{
      chat::ToolBegin{0, 0, "c1", "f"}, chat::ToolArguments{0, 0, "{}"},       chat::ToolEnd{0, 0, {}},
      chat::ToolBegin{0, 1, "c2", "g"}, chat::ToolArguments{0, 1, R"({"a":)"}, chat::ToolEnd{0, 1, {}}};
  const std::vector<ChatEvent> text{chat::TextDelta{0, "Hel"}};
  const auto statuses = [](const std::vector<ChatEvent>& items, chat::FinishReason reason) {
    std::vector<ChatEvent> events{chat::Begin{"1", "m", 5}};
    events.insert(events.end(), items.begin(), items.end());
    events.insert(events.end(), {chat::Finish{0, reason, "", {}}, chat::UsageReport{}, chat::End{}});
    const std::string stream = written(events, true);
    const std::string output = member(written(events, false), "output");
    CHECK(member(member(last_data(stream), "response"), "output") == output);
    const auto count = [](std::string_view in, std::string_view what) {
      int times = 0;
      for (std::size_t at = in.find(what); at != in.npos; at = in.find(what, at + 1)) ++times;
      return times;
    };
    constexpr std::string_view kCut = R"("status":"incomplete"})", kWhole = R"("status":"completed"})";
    CHECK(count(stream, "event: response.output_item.done") == count(output, kCut) + count(output, kWhole));
    // Each is said in its own last event, and again at the end.
    CHECK(count(stream, kCut) == 2 * count(output, kCut));
    return std::pair(count(output, kWhole), count(output, kCut));
  };
  CHECK(statuses(call, chat::FinishReason::tools) == std::pair(2, 0));
  CHECK(statuses(call, chat::FinishReason::length) == std::pair(1, 1));
  CHECK(statuses(text, chat::FinishReason::stop) == std::pair(1, 0));
  CHECK(statuses(text, chat::FinishReason::length) == std::pair(0, 1));
  CHECK(statuses(text, chat::FinishReason::filter) == std::pair(0, 1));
}

TEST_CASE("a custom tool's grammar is nested, as chat completions have it", "[surfaces][responses]") {
  const PaddedBuffer body = padded(
      R"({"model":"m","input":"x","tools":[{"type":"custom","name":"c","format":{"type":"grammar","syntax":"lark",)"
      R"("definition":"start: \"a\""}},{"type":"custom","name":"d","format":{"type":"text"}},{"type":"custom","name":"e"}]})");
  ChatRequest chat;
  REQUIRE(read_responses(body, chat).has_value());
  REQUIRE(chat.tools.size() == 3);
  CHECK(chat.tools[0].schema == R"({"type":"grammar","grammar":{"syntax":"lark","definition":"start: \"a\""}})");
  CHECK(chat.tools[1].schema == R"({"type":"text"})");
  CHECK(chat.tools[2].schema.empty());
}

TEST_CASE("the items of an answer are the next request's, with their signatures", "[surfaces][responses]") {
  const std::string output = member(written(kAll, false), "output");
  const PaddedBuffer body = padded(R"({"model":"m","input":)" + output + "}");
  ChatRequest chat;
  REQUIRE(read_responses(body, chat).has_value());
  REQUIRE(chat.turns.size() == 1);
  const auto& blocks = chat.turns[0].blocks;
  REQUIRE(blocks.size() == 5);
  const auto& thought = std::get<chat::Reasoning>(blocks[0].value);
  CHECK(thought.text == "So then");
  CHECK(thought.signature == "c2ln");
  CHECK(thought.origin == "anthropic-claude-v1");
  CHECK(std::get<chat::Reasoning>(blocks[1].value).redacted == "ZW5j");
  CHECK(std::get<chat::Text>(blocks[2].value).text == "Hello \"there\"");
  CHECK(std::get<chat::ToolCall>(blocks[3].value).arguments == "{\"a\":1}");
  CHECK(std::get<chat::ToolCall>(blocks[4].value).arguments == "any text");
  CHECK(std::get<chat::ToolCall>(blocks[4].value).custom);
}

TEST_CASE("a provider's citation stands beside its type", "[surfaces][responses]") {
  const std::vector<ChatEvent> events{
      chat::Begin{"1", "m", 5},
      chat::TextDelta{0, "See."},
      chat::Annotation{
          0,
          R"({"type":"url_citation","url_citation":{"url":"https://a.b/{x}","title":"T","start_index":0,"end_index":3}})"},
      chat::Annotation{0, R"({"type":"other","x":1})"},
      chat::Finish{0, chat::FinishReason::stop, "stop", {}},
      chat::End{}};
  CHECK(
      member(written(events, false), "output/0/content/0/annotations") ==
      R"([{"type":"url_citation","url":"https://a.b/{x}","title":"T","start_index":0,"end_index":3},{"type":"other","x":1}])");
  names_of(written(events, true));
}

TEST_CASE("recorded requests are read, or refused for what is of OpenAI alone", "[surfaces][responses]") {
  static const std::map<std::string, std::string> kRefused{
      {"background-queued", "background"},
      {"file-search", "tools[0]"},
      {"previous-response-id.2", "previous_response_id"},
      {"web-search-stream", "tools[0]"},
  };
  const auto recorded = recorded_files(".request.json", [](std::string_view by) { return by == "openai-responses"; });
  for (const auto& each : recorded) {
    const std::string name = each.name.substr(17, each.name.find(".request") - 17);
    CAPTURE(name);
    const PaddedBuffer body = padded(each.text);
    ChatRequest chat;
    const auto read = read_responses(body, chat);
    const auto refused = kRefused.find(name);
    if (refused == kRefused.end()) {
      INFO((read ? "" : read.error().detail));
      CHECK(read.has_value());
      CHECK(canonical_json("{\"a\":0" + repeated_settings(body) + "}") != "");
    } else {
      REQUIRE_FALSE(read.has_value());
      CHECK(read.error().detail.starts_with(refused->second + ": "));
    }
  }
}

TEST_CASE("tools in namespaces have one name elsewhere, and come back as they were", "[surfaces][responses]") {
  const std::string tools =
      R"("tools":[{"type":"namespace","name":"mcp__files","description":"Files","tools":[{"type":"function",)"
      R"("name":"read","parameters":{},"strict":false,"defer_loading":true}]},{"type":"function","name":"f"}])";
  CHECK(as_chat(R"("input":[{"role":"user","content":"x"},{"type":"function_call","call_id":"c1","name":"read",)"
                R"("namespace":"mcp__files","arguments":"{}"},{"type":"function_call_output","call_id":"c1",)"
                R"("output":"one"}],"tool_choice":{"type":"function","namespace":"mcp__files","name":"read"},)" +
                tools) ==
        R"({"messages":[{"content":"x","role":"user"},{"role":"assistant","tool_calls":[{"function":)"
        R"({"arguments":"{}","name":"mcp__files__read"},"id":"c1","type":"function"}]},{"content":"one","role":"tool",)"
        R"("tool_call_id":"c1"}],"tool_choice":{"function":{"name":"mcp__files__read"},"type":"function"},)"
        R"("tools":[{"function":{"name":"mcp__files__read","parameters":{},"strict":false},"type":"function"},)"
        R"({"function":{"name":"f"},"type":"function"}]})");
  const std::string out = written({chat::Begin{"id", "m", 5}, chat::ToolBegin{0, 0, "c1", "mcp__files__read"},
                                   chat::ToolEnd{0, 0, {}}, chat::ToolBegin{0, 1, "c2", "f"}, chat::ToolEnd{0, 1, {}},
                                   chat::Finish{0, chat::FinishReason::tools, {}, {}}, chat::End{}},
                                  false, "{\"model\":\"m\"," + tools + "}");
  CHECK(out.find(R"("call_id":"c1","name":"read","namespace":"mcp__files")") != std::string::npos);
  CHECK(out.find(R"("call_id":"c2","name":"f","arguments")") != std::string::npos);
}
