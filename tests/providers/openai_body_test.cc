#include "providers/openai_body.h"

#include "chat/tool_name.h"
#include "support/catch.h"
#include "support/json_value.h"
#include "support/recorded.h"
#include "surfaces/openai.h"

using namespace gateway;
using gateway::testing::canonical_json;
using gateway::testing::recorded_chats;

namespace {

std::string body_of(const ChatRequest& chat, OpenAiBodyOptions options = {}) {
  options.model = "m";
  std::string out;
  const auto done = append_openai_body(out, chat, options);
  INFO((done ? "" : done.error().detail));
  REQUIRE(done.has_value());
  return out;
}

std::string refusal(const ChatRequest& chat) {
  std::string out;
  const auto done = append_openai_body(out, chat, {.model = "m"});
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::unsupported);
  return done.error().detail;
}

ChatRequest with_block(chat::Block block, chat::Role role = chat::Role::user) {
  ChatRequest chat;
  chat.turns.push_back({role, {}, {}});
  chat.turns[0].blocks.push_back(std::move(block));
  return chat;
}

// Spellings of the same: a list with one text is that text; one stop sequence is a list of one; what is said of
// reasoning's details besides is left out.
void spell_alike(std::string_view key, std::string& text) {
  static constexpr std::string_view kText = R"([{"text":)", kEnd = R"(,"type":"text"}])";
  if (key == "content" && text.starts_with(kText) && text.ends_with(kEnd) && text.find("},{") == text.npos) {
    text = text.substr(kText.size(), text.size() - kText.size() - kEnd.size());
  }
  if (key == "stop" && text[0] == '"') text = "[" + text + "]";
  if (key == "role" && text == "\"developer\"") text = "\"system\"";
  const bool is_usual = (key == "stream" && text == "false") || (key == "n" && text == "1") ||
                        (key == "response_format" && text == R"({"type":"text"})") || key == "index";
  if (key == "image_url" && text[0] == '"') text = "{\"url\":" + text + "}";
  if (is_usual || key == "stream_options" || (key == "description" && text == "\"\"")) text.clear();
}

// The body, read as a conversation and written again, is the same.
void round_trip(std::string_view text) {
  PaddedBuffer body;
  body.append(text);
  ChatRequest chat;
  const auto read = read_openai_chat(body, chat);
  INFO((read ? "" : read.error().detail));
  REQUIRE(read.has_value());
  const bool has_details = text.find("\"reasoning_details\"") != text.npos;
  const bool has_content = text.find("\"reasoning_content\"") != text.npos;
  const bool has_another = has_details || has_content;  // which say the same
  std::string out;
  const OpenAiBodyOptions options{.model = chat.model,
                                  .stream = chat.stream,
                                  .ask_usage = true,
                                  .length_field = text.find("\"max_tokens\"") != text.npos
                                                      ? LengthField::max_tokens
                                                      : LengthField::max_completion_tokens,
                                  .reasoning = has_details   ? ReasoningHistory::reasoning_details
                                               : has_content ? ReasoningHistory::reasoning_content
                                                             : ReasoningHistory::reasoning,
                                  .cache_marks = true,
                                  .call_signatures = true};
  const auto written = append_openai_body(out, chat, options);
  INFO((written ? "" : written.error().detail));
  REQUIRE(written.has_value());
  const auto alike = [&](std::string_view key, std::string& value) {
    spell_alike(key, value);
    if (has_another && key == "reasoning" && value[0] == '"') value.clear();
  };
  CHECK(canonical_json(out, alike) == canonical_json(text, alike));
}

}  // namespace

TEST_CASE("a conversation becomes a body") {
  ChatRequest chat;
  chat.system.push_back({chat::Text{"be", {}}, "5m"});
  chat.turns.push_back({chat::Role::user, "Ann", {}});
  chat.turns[0].blocks.push_back({chat::Text{"a", {}}, {}});
  chat.turns[0].blocks.push_back({chat::Image{{}, "AA", "image/png", {}}, {}});
  chat.sampling.temperature = "0.70";
  chat.sampling.max_output = 5;
  chat.extra.push_back({"min_p", "0.10"});
  CHECK(body_of(chat, {.stream = true, .ask_usage = true, .max_output = 4, .length_field = LengthField::max_tokens}) ==
        R"({"model":"m","messages":[{"role":"system","content":"be"},{"role":"user","name":"Ann","content":[)"
        R"({"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]}],)"
        R"("stream":true,"stream_options":{"include_usage":true},"max_tokens":4,"temperature":0.70,"min_p":0.10})");
  CHECK(body_of(chat, {.cache_marks = true})
            .find(R"([{"type":"text","text":"be","cache_control":{"type":"ephemeral"}}])") != std::string::npos);
}

TEST_CASE("results come first, and what is no text in them follows as the user's") {
  ChatRequest chat;
  chat.turns.push_back({chat::Role::user, {}, {}});
  chat::ToolResult result{"x", "f", {}, false};
  result.blocks.push_back({chat::Text{"1", {}}, {}});
  result.blocks.push_back({chat::Image{"https://x", {}, {}, {}}, {}});
  chat.turns[0].blocks.push_back({chat::Text{"and", {}}, {}});
  chat.turns[0].blocks.push_back({result, {}});
  chat.turns[0].blocks.push_back({chat::ToolResult{"y", {}, {}, true}, {}});
  CHECK(body_of(chat) == R"({"model":"m","messages":[{"role":"tool","tool_call_id":"x","content":"1"},)"
                         R"({"role":"tool","tool_call_id":"y","content":"error"},{"role":"user","content":[)"
                         R"({"type":"image_url","image_url":{"url":"https://x"}},{"type":"text","text":"and"}]}]})");
}

TEST_CASE("reasoning of earlier turns goes only where it is wanted") {
  const ChatRequest chat = with_block({chat::Reasoning{"hm", "s", {}, "o"}, {}}, chat::Role::assistant);
  CHECK(body_of(chat) == R"({"model":"m","messages":[{"role":"assistant","content":""}]})");
  CHECK(body_of(chat, {.reasoning = ReasoningHistory::reasoning_content}) ==
        R"({"model":"m","messages":[{"role":"assistant","content":"","reasoning_content":"hm"}]})");
  CHECK(body_of(chat, {.reasoning = ReasoningHistory::reasoning_details}) ==
        R"({"model":"m","messages":[{"role":"assistant","content":"","reasoning_details":[)"
        R"({"type":"reasoning.text","text":"hm","signature":"s","format":"o"}]}]})");
}

TEST_CASE("wishes for reasoning become an effort") {
  using Kind = chat::ReasoningWish::Kind;
  for (const auto& [kind, effort, budget, expected] : {std::tuple{Kind::off, "", 0, "none"},
                                                       {Kind::effort, "minimal", 0, "minimal"},
                                                       {Kind::budget, "", 1024, "low"},
                                                       {Kind::budget, "", 8192, "medium"},
                                                       {Kind::budget, "", 8193, "high"},
                                                       {Kind::adaptive, "", 0, ""},
                                                       {Kind::adaptive, "low", 0, "low"}}) {
    ChatRequest chat;
    chat.reasoning = {kind, effort, budget, {}};
    const std::string wish = ",\"reasoning_effort\":\"" + std::string(expected) + "\"";
    CHECK(body_of(chat) == "{\"model\":\"m\",\"messages\":[]" + (*expected == 0 ? "" : wish) + "}");
  }
}

TEST_CASE("tools have names that are short enough, where that is asked for", "[providers][openai_body]") {
  const std::string name = "mcp__" + std::string(59, 'n'), longer = name + "1", another = name + "2";
  ChatRequest chat;
  chat::Tool tool{};
  for (const std::string& each : {name, longer, another}) {
    tool.name = each;
    chat.tools.push_back(tool);
  }
  chat.tools[0].name = name;
  chat.tools[1].name = longer;
  chat.tools[2].name = another;
  chat.tool_choice.kind = chat::ToolChoice::Kind::named;
  chat.tool_choice.names = {longer};
  chat.turns.push_back({chat::Role::assistant, {}, {{chat::ToolCall{"c", longer, "{}", {}, false}, {}}}});
  const auto count = [](const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++found;
    return found;
  };
  const std::string kept = body_of(chat), cut = body_of(chat, {.short_names = true});
  CHECK(count(kept, "\"" + longer + "\"") == 3);
  CHECK(count(cut, "\"" + name + "\"") == 1);
  CHECK(count(cut, "\"" + longer + "\"") == 0);
  CHECK(count(cut, "\"" + short_tool_name(longer) + "\"") == 3);
  CHECK(count(cut, "\"" + short_tool_name(another) + "\"") == 1);
  CHECK(short_tool_name(longer).size() == 64);
  CHECK(short_tool_name(longer) != short_tool_name(another));
}

TEST_CASE("a user's id of more characters than OpenAI takes has another one for it", "[providers][openai_body]") {
  const auto user = [](const std::string& id) {
    ChatRequest chat;
    chat.user = id;
    const std::string body = body_of(chat);
    const std::size_t from = body.find(R"("user":")") + 8;
    return body.substr(from, body.find('"', from) - from);
  };
  CHECK(user(std::string(64, 'a')) == std::string(64, 'a'));
  const std::string other = user(std::string(65, 'a'));
  CHECK(other.size() == 21);
  CHECK(other.starts_with("user_"));
  CHECK(user(std::string(65, 'a')) == other);
  CHECK(user(std::string(65, 'b')) != other);
}

TEST_CASE("what has no place in a body is refused") {
  CHECK(refusal(with_block({chat::Opaque{"anthropic", "{}"}, {}})) ==
        "messages: a block of anthropic's own has no place in them");
  CHECK(refusal(with_block({chat::Document{"https://x", {}, {}, {}, {}}, {}})) ==
        "messages: a document by its URL has no place in them");
  CHECK(refusal(with_block({chat::Image{"https://x", {}, {}, {}}, {}}, chat::Role::assistant)) ==
        "messages: what is no text, in a turn of the assistant, has no place in them");
  ChatRequest chat;
  chat.tools.push_back({chat::Tool::Kind::server, "web_search_20250305", {}, "{}", {}, {}, "anthropic"});
  CHECK(refusal(chat) == "tools: 'web_search_20250305' runs at another provider and has no place in them");
  CHECK(body_of(with_block({chat::Opaque{"openai", R"({"type":"x"})"}, {}})).find(R"([{"type":"x"}])") !=
        std::string::npos);
}

TEST_CASE("that a tool has failed is said to the client, not to the model") {
  const auto dropped = [](std::vector<chat::Block> blocks, bool is_error) {
    std::string names;
    const std::string body =
        body_of(with_block({chat::ToolResult{"t1", "f", std::move(blocks), is_error}, {}}), {.dropped = &names});
    const std::size_t content = body.find("\"content\":") + 10;
    return names + " " + body.substr(content, body.find('}', content) - content);
  };
  const chat::Block text{chat::Text{"no such city", {}}, {}};
  CHECK(dropped({text}, true) == "tool_result.is_error \"no such city\"");
  CHECK(dropped({text}, false) == " \"no such city\"");
  CHECK(dropped({}, true) == " \"error\"");
}

TEST_CASE("bodies survive being read and written") {
  round_trip(
      R"({"model":"m","messages":[{"role":"developer","content":"be\n"},{"role":"user","content":[{"type":"text",)"
      R"("text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"image_url","image_url":{"url":)"
      R"("data:image/png;base64,AA","detail":"low"}},{"type":"input_audio","input_audio":{"data":"B","format":"mp3"}},)"
      R"({"type":"file","file":{"filename":"f","file_data":"data:application/pdf;base64,CC"}}]},)"
      R"({"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"x","type":"function",)"
      R"("function":{"name":"f","arguments":"{\"a\":1}"},"extra_content":{"google":{"thought_signature":"s"}}},)"
      R"({"id":"y","type":"custom","custom":{"name":"g","input":"in"}}]},{"role":"tool","tool_call_id":"x","content":)"
      R"("1"},{"role":"tool","tool_call_id":"y","content":""},{"role":"assistant","content":"","function_call":)"
      R"({"name":"f","arguments":""}},{"role":"function","name":"f","content":"2"},{"role":"system","content":"late"},)"
      R"({"role":"user","name":"Ann","content":"bye"}],"stream":true,"max_completion_tokens":7,"temperature":0.5,)"
      R"("top_p":0.9,"seed":3,"stop":["a","b"],"n":2,"logprobs":true,"top_logprobs":2,"logit_bias":{"1":2},)"
      R"("frequency_penalty":0.1,"presence_penalty":-0.1,"tools":[{"type":"function","function":{"name":"f",)"
      R"("description":"d","parameters":{"type":"object"},"strict":false},"cache_control":{"type":"ephemeral"}},)"
      R"({"type":"custom","custom":{"name":"g","format":{"type":"text"}}},{"type":"web_search"}],"tool_choice":)"
      R"({"type":"custom","custom":{"name":"g"}},"parallel_tool_calls":true,"response_format":{"type":"json_schema",)"
      R"("json_schema":{"name":"s","description":"d","schema":{"type":"object"},"strict":true}},"modalities":["text"],)"
      R"("reasoning_effort":"none","metadata":{"a":"b"},"user":"u","service_tier":"flex","prediction":{"type":)"
      R"("content","content":"x"},"verbosity":"low","audio":{"voice":"v"},"web_search_options":{}})");
  round_trip(R"({"model":"m","messages":[],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto",)"
             R"("tools":[{"type":"function","function":{"name":"f"}}]}},"response_format":{"type":"json_object"}})");
}

TEST_CASE("recorded bodies survive being read and written") {
  std::size_t count = 0;
  for (const auto& [name, text] : recorded_chats(".request.json")) {
    if (text.find("\"messages\"") == text.npos) continue;
    CAPTURE(name);
    round_trip(text);
    ++count;
  }
  std::cout << "recorded bodies read and written: " << count << "\n";
}
