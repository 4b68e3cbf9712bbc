// What the simulated provider answers to tools and response formats, and how much it answers at most.
#include <simdjson.h>

#include <string>

#include "gateway/testing/manual_timer.h"
#include "simulated/schema.h"
#include "simulated/upstream.h"
#include "support/catch.h"

using namespace gateway;

namespace {

struct Heard final : UpstreamReply {
  void on_head(const UpstreamHead& head) override { status = head.status; }
  Flow on_body(std::string_view bytes) override {
    body += bytes;
    largest = std::max(largest, bytes.size());
    return Flow::more;
  }
  void on_end(Result<void> result) override { whole = result.has_value(); }
  int status = 0;
  std::size_t largest = 0;
  std::string body;
  bool whole = false;
};

Heard answer_to(const std::string& body, std::string_view path = "/v1/chat/completions") {
  testing::ManualTimer timer;
  SimulatedUpstream upstream(timer);
  Heard heard;
  const std::string_view pieces[] = {body};
  auto call = upstream.start({.origin = nullptr, .method = "POST", .path = path, .headers = {}, .body = pieces}, heard);
  timer.advance(std::chrono::minutes(1));
  return heard;
}

constexpr std::string_view kTools =
    R"(,"tools":[{"type":"function","function":{"name":"time","parameters":{"type":"object","properties":{}}}},)"
    R"({"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":)"
    R"({"city":{"type":"string"},"days":{"type":"integer","minimum":3}},"required":["city"]}}}])";

std::string chat(const std::string& more, const std::string& messages = R"({"role":"user","content":"hello"})") {
  return R"({"model":"simulated/echo","messages":[)" + messages + "]" + more + "}";
}

bool says(const Heard& heard, std::string_view text) { return heard.body.find(text) != std::string::npos; }

std::string instance(const std::string& schema) {
  simdjson::dom::parser parser;
  std::string out;
  append_schema_instance(out, parser.parse(schema).value());
  return out;
}

}  // namespace

TEST_CASE("the simulated provider calls a tool as tool_choice says", "[providers][simulated][tools]") {
  const std::string tools(kTools);
  const Heard first = answer_to(chat(tools));
  CHECK(says(first, R"("content":null,"tool_calls":[{"id":"call_simulated_1","type":"function")"));
  CHECK(says(first, R"("name":"time","arguments":"{}")"));
  CHECK(says(first, R"("finish_reason":"tool_calls")"));
  const Heard named = answer_to(chat(tools + R"(,"tool_choice":{"type":"function","function":{"name":"weather"}})"));
  CHECK(says(named, R"("name":"weather","arguments":"{\"city\":\"lorem ipsum\",\"days\":3}")"));
  const Heard none = answer_to(chat(tools + R"(,"tool_choice":"none")"));
  CHECK(says(none, R"("content":"hello")"));
  CHECK(says(none, R"("finish_reason":"stop")"));

  const std::string result =
      R"({"role":"user","content":"hello"},{"role":"assistant","content":null},{"role":"tool","content":"sunny"})";
  CHECK(says(answer_to(chat(tools, result)), R"("content":"sunny")"));
  CHECK(says(answer_to(chat(tools + R"(,"tool_choice":"required")", result)), R"("name":"time")"));
}

TEST_CASE("a streamed tool call has its name first, then its arguments in pieces", "[providers][simulated][tools]") {
  const Heard heard = answer_to(
      chat(std::string(kTools) + R"(,"stream":true,"tool_choice":{"type":"function","function":{"name":"weather"}})"));
  CHECK(says(heard, R"("delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_simulated_1")"));
  CHECK(says(heard, R"("delta":{"tool_calls":[{"index":0,"function":{"arguments":")"));
  CHECK(says(heard, R"("finish_reason":"tool_calls")"));
  CHECK(heard.body.ends_with("data: [DONE]\n\n"));
}

TEST_CASE("a response format gets JSON that fits", "[providers][simulated][tools]") {
  CHECK(says(answer_to(chat(R"(,"response_format":{"type":"json_object"})")), R"("content":"{\"answer\":)"));
  CHECK(says(answer_to(chat(R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":)"
                            R"({"type":"object","properties":{"ok":{"type":"boolean"}}}}})")),
             R"("content":"{\"ok\":true}")"));
  CHECK(says(answer_to(chat(R"(,"response_format":{"type":"text"})")), R"("content":"hello")"));
}

TEST_CASE("values fit their schemas", "[providers][simulated][tools]") {
  CHECK(instance(R"({"enum":["b","a"]})") == "\"b\"");
  CHECK(instance(R"({"const":7})") == "7");
  CHECK(instance(R"({"type":["null","integer"]})") == "1");
  CHECK(instance(R"({"type":"integer","minimum":5})") == "5");
  CHECK(instance(R"({"type":"integer","exclusiveMinimum":5})") == "6");
  CHECK(instance(R"({"type":"integer","maximum":-2})") == "-2");
  CHECK(instance(R"({"type":"integer","minimum":5,"multipleOf":4})") == "8");
  CHECK(instance(R"({"type":"number","minimum":0,"maximum":1})") == "0.5");
  CHECK(instance(R"({"type":"string","maxLength":3})") == "\"lor\"");
  CHECK(instance(R"({"type":"string","minLength":13})").size() >= 15);
  CHECK(instance(R"({"type":"string","format":"date"})") == "\"2026-01-01\"");
  CHECK(instance(R"({"type":"array","items":{"type":"boolean"},"minItems":2})") == "[true,true]");
  CHECK(instance(R"({"type":"array","items":{},"maxItems":0})") == "[]");
  CHECK(instance(R"({"anyOf":[{"type":"boolean"},{"type":"null"}]})") == "true");
  CHECK(instance(R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"boolean"}}})") == "true");
  CHECK(instance("{}") == "\"lorem ipsum\"");
}

TEST_CASE("schemas that recur end, those that never end are bounded", "[providers][simulated][tools]") {
  const std::string list = instance(
      R"({"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},)"
      R"("required":["v","next"]})");
  CHECK(list.find("\"next\":null") != std::string::npos);
  CHECK(list.size() < 1000);
  std::string wide = R"({"type":"object","required":["a","b","c","d"],"properties":{)";
  for (const char* name : {"a", "b", "c", "d"})
    wide += (name[0] == 'a' ? "\"" : ",\"") + std::string(name) + R"(":{"$ref":"#"})";
  CHECK(instance(wide + "}}").size() < 1024 * 1024);
  CHECK(instance(R"({"$ref":"#"})") == "null");
}

TEST_CASE("answers of the simulated provider are bounded, and made when they are due", "[providers][simulated]") {
  const auto huge = [](const std::string& options, const std::string& more) {
    return answer_to(R"({"model":"simulated/lorem?)" + options + R"(","messages":[])" + more + "}");
  };
  const Heard refused = huge("chunks=1000000&size=65536", R"(,"n":128)");
  CHECK(refused.status == 400);
  CHECK(says(refused, R"("param":"model")"));
  CHECK(huge("chunks=256&size=65536", R"(,"n":2)").status == 400);
  const Heard most = huge("chunks=256&size=65536", R"(,"stream":true)");
  CHECK(most.status == 200);
  CHECK(most.whole);
  CHECK(most.largest < 70'000);

  std::string inputs = "\"a\"";
  for (int i = 1; i < 1000; ++i) inputs += ",\"a\"";
  const auto embed = [&](int dimensions) {
    return answer_to(
        R"({"model":"simulated/embed","input":[)" + inputs + R"(],"dimensions":)" + std::to_string(dimensions) + "}",
        "/v1/embeddings");
  };
  CHECK(embed(64).whole);
  const Heard wide = embed(8192);
  CHECK(wide.status == 400);
  CHECK(says(wide, R"("param":"input")"));
}
