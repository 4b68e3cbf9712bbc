#include "providers/openai_body.h"
#include "support/catch.h"
#include "support/json_value.h"
#include "support/recorded.h"
#include "surfaces/anthropic.h"

using namespace gateway;
using gateway::testing::anthropic_recorded;
using gateway::testing::canonical_json;

namespace {

PaddedBuffer padded(const std::string& text) {
  PaddedBuffer body;
  body.append(text);
  return body;
}

// The body as a provider of OpenAI's shape is asked.
std::string as_chat(const std::string& members) {
  const PaddedBuffer body = padded(R"({"model":"m","max_tokens":5,)" + members + "}");
  ChatRequest chat;
  const auto read = read_anthropic_messages(body, chat);
  INFO(members);
  INFO((read ? "" : read.error().detail));
  REQUIRE(read.has_value());
  std::string out;
  REQUIRE(append_openai_body(out, chat, {.model = "m"}).has_value());
  return canonical_json(out, [](std::string_view key, std::string& value) {
    if (key == "model" || key == "max_completion_tokens") value.clear();
  });
}

std::string refusal(const std::string& members) {
  const PaddedBuffer body = padded(R"({"model":"m","max_tokens":5,)" + members + "}");
  ChatRequest chat;
  const auto read = read_anthropic_messages(body, chat);
  return read ? "" : read.error().detail;
}

}  // namespace

TEST_CASE("a conversation of Anthropic's shape becomes one of OpenAI's", "[surfaces][anthropic]") {
  CHECK(
      as_chat(
          R"("system":[{"type":"text","text":"x-anthropic-billing-header: a"},{"type":"text","text":"Be brief."}],)"
          R"("messages":[{"role":"user","content":"Hi"},)"
          R"({"role":"assistant","content":[{"type":"text","text":"Well"},{"type":"tool_use","id":"t1","name":"f",)"
          R"("input":{"a": 1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"one"},)"
          R"({"type":"text","text":"and"}]}])") ==
      R"({"messages":[{"content":"Be brief.","role":"system"},{"content":"Hi","role":"user"},)"
      R"({"content":"Well","role":"assistant","tool_calls":[{"function":{"arguments":"{\"a\": 1}","name":"f"},)"
      R"("id":"t1","type":"function"}]},{"content":"one","role":"tool","tool_call_id":"t1"},)"
      R"({"content":"and","role":"user"}]})");
  CHECK(as_chat(R"("messages":[],"tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool",)"
                R"("name":"f","disable_parallel_tool_use":true},"stop_sequences":["x"],"thinking":{"type":"enabled",)"
                R"("budget_tokens":9000},"metadata":{"user_id":"u"},"context_management":{"edits":[]})") ==
        R"({"messages":[],"parallel_tool_calls":false,"reasoning_effort":"high","stop":["x"],)"
        R"("tool_choice":{"function":{"name":"f"},"type":"function"},)"
        R"("tools":[{"function":{"name":"f","parameters":{"type":"object"}},"type":"function"}],"user":"u"})");
  CHECK(as_chat(R"("messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":)"
                R"("image/png","data":"AA"}},{"type":"image","source":{"type":"url","url":"https://a.b"}}]}])") ==
        R"({"messages":[{"content":[{"image_url":{"url":"data:image/png;base64,AA"},"type":"image_url"},)"
        R"({"image_url":{"url":"https://a.b"},"type":"image_url"}],"role":"user"}]})");
}

TEST_CASE("who is not to think is asked for no effort", "[surfaces][anthropic]") {
  const std::string effort = R"("messages":[],"output_config":{"effort":"high"})";
  CHECK(as_chat(effort) == R"({"messages":[],"reasoning_effort":"high"})");
  CHECK(as_chat(effort + R"(,"thinking":{"type":"adaptive"})") == R"({"messages":[],"reasoning_effort":"high"})");
  CHECK(as_chat(effort + R"(,"thinking":{"type":"disabled"})") == R"({"messages":[]})");
  CHECK(as_chat(R"("thinking":{"type":"disabled"},)" + effort) == R"({"messages":[]})");
}

TEST_CASE("what a search for tools found is named to other providers", "[surfaces][anthropic]") {
  CHECK(as_chat(R"("messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"ToolSearch",)"
                R"("input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[)"
                R"({"type":"tool_reference","tool_name":"f"},{"type":"tool_reference","tool_name":"g"}]}]}])") ==
        R"({"messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":"{}",)"
        R"("name":"ToolSearch"},"id":"t1","type":"function"}]},)"
        R"({"content":[{"text":"Tool found: f\n","type":"text"},{"text":"Tool found: g\n","type":"text"}],)"
        R"("role":"tool","tool_call_id":"t1"}]})");
}

TEST_CASE("what is not known is refused by its name", "[surfaces][anthropic]") {
  CHECK(refusal(R"("messages":[],"mcp_servers":[])").starts_with("mcp_servers: "));
  CHECK(refusal(R"("messages":[{"role":"king","content":""}])").starts_with("messages[0].role: "));
  CHECK(refusal(R"("messages":[{"role":"user","content":7}])").starts_with("messages[0].content: "));
  CHECK(refusal(R"("messages":[],"tool_choice":{"type":"never"})").starts_with("tool_choice.type: "));
}

TEST_CASE("every recorded request of Anthropic is read, or refused by name", "[surfaces][anthropic][fixtures]") {
  int read = 0;
  for (const auto& each : anthropic_recorded(".request.json")) {
    CAPTURE(each.name);
    const PaddedBuffer body = padded(each.text);
    ChatRequest chat;
    const auto done = read_anthropic_messages(body, chat);
    if (!done) {
      CHECK(done.error().code == ErrorCode::unsupported);
      continue;
    }
    ++read;
    CHECK_FALSE(chat.turns.empty());
    CHECK_FALSE(chat.model.empty());
  }
  if (read > 0) CHECK(read >= 30);
}
