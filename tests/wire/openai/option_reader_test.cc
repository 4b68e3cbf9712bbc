#include <string>

#include "support/catch.h"
#include "wire/openai/bodies.h"
#include "wire/openai/request_reader.h"

namespace gateway {
namespace {

struct ReadBody {
  bool good = false;
  RequestFacts facts;
  BadRequest why;
};
ReadBody read_with(const std::string& members) {
  ReadBody out;
  RequestReader reader;
  const PaddedBuffer body = test::padded(R"({"model":"m","messages":[],)" + members + "}");
  out.good = reader.read(Operation::chat, body, out.facts, out.why);
  return out;
}
RequestOptions options_of(const std::string& members) {
  const ReadBody read = read_with(members);
  INFO(members << ": " << read.why.message);
  REQUIRE(read.good);
  return read.facts.options;
}

TEST_CASE("what changes a price is read", "[wire][options]") {
  CHECK(options_of(R"("x":1)").service_tier.empty());
  CHECK(options_of(R"("service_tier":"priority")").service_tier == "priority");
  CHECK(options_of(R"("service_tier":null)").service_tier.empty());
  CHECK(options_of(R"("service\u005ftier":"flex")").service_tier == "flex");
  CHECK(options_of(R"("modalities":["text","audio"])").audio_output);
  CHECK(options_of(R"("audio":{"voice":"alloy","format":"wav"})").audio_output);
  CHECK(options_of(R"("modalities":["image","text"])").image_output);
  CHECK_FALSE(options_of(R"("modalities":["text"])").audio_output);
  CHECK(options_of(R"("modalities":["video"])").unpriced == "modalities");
  CHECK(options_of(R"("modalities":"audio")").unpriced == "modalities");
  CHECK(options_of(R"("preset":"mine")").preset);
  CHECK_FALSE(options_of(R"("preset":null)").preset);
  CHECK(options_of(R"("models":["a","b\u002fc"])").models == std::vector<std::string>{"a", "b/c"});
  CHECK(options_of(R"("provider":{"sort":"price"},"route":"fallback")").unpriced.empty());
}

TEST_CASE("a cache for an hour is seen wherever and however it is asked for", "[wire][options]") {
  CHECK_FALSE(options_of(R"("x":"1hour","y":1,"z":"h")").hour_cache);
  CHECK(options_of(R"("cache_control":{"type":"ephemeral","ttl":"1h"})").hour_cache);
  CHECK(options_of(R"("x":[{"ttl":"\u0031h"}])").hour_cache);
  CHECK(options_of(R"("x":[{"ttl":"1\u0068"}])").hour_cache);
}

TEST_CASE("searches are counted as many as can be requested", "[wire][options]") {
  const auto searches = [](const std::string& members) { return options_of(members).web_searches; };
  CHECK(searches(R"("web_search_options":{})") == 1);
  CHECK(searches(R"("web_search_options":null)") == 0);
  CHECK(searches(R"("plugins":[{"id":"web"}])") == 1);
  CHECK(searches(R"("plugins":[{"id":"web","max_results":5}])") == 1);
  CHECK(searches(R"("plugins":[{"id":"web","max_results":10},{"id":"web"}])") == 3);
  CHECK(searches(R"("plugins":[{"id":"web","enabled":false}])") == 0);
  CHECK(searches(R"("plugins":[{"id":"response-healing"}])") == 0);
  CHECK(options_of(R"("plugins":[{"id":"response-healing"}])").unpriced.empty());
  CHECK(options_of(R"("plugins":[{"id":"file-parser"}])").unpriced == "plugins");
  CHECK(options_of(R"("plugins":{"id":"web"})").unpriced == "plugins");
  CHECK(searches(R"("search_parameters":{"mode":"on"})") == 20);
  CHECK(searches(R"("search_parameters":{"max_search_results":7})") == 7);
  CHECK(searches(R"("search_parameters":{"mode":"off"})") == 0);
  CHECK(searches(R"("enable_search":true)") == 1);
  CHECK(searches(R"("enable_search":false)") == 0);
  CHECK(options_of(R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"custom"}])").unpriced.empty());
  CHECK(options_of(R"("tools":[{"type":"openrouter:web_search"}])").unpriced == "tools");
}

TEST_CASE("a tool is free only if its type says that the client runs it", "[wire][options]") {
  for (const char* tools :
       {R"([{"googleSearch":{}}])", R"([{"type":null,"web_search":{}}])", R"([{}])", R"(["web"])", R"([{"type":7}])",
        R"([{"type":""}])", R"([{"type":"function"},{"type":"code_interpreter"}])", R"([{"function":{"name":"f"}}])",
        R"({"googleSearch":{}})"}) {
    INFO(tools);
    CHECK(options_of(R"("tools":)" + std::string(tools)).unpriced == "tools");
  }
  for (const char* tools : {"null", "[]", R"([{"function":{"name":"f"},"ty\u0070e":"function"}])"}) {
    INFO(tools);
    CHECK(options_of(R"("tools":)" + std::string(tools)).unpriced.empty());
  }
}

TEST_CASE("what Anthropic bills beside an answer's usual tokens has no price", "[wire][options]") {
  CHECK(options_of(R"("speed":"fast")").unpriced == "speed");
  CHECK(options_of(R"("speed":"standard")").unpriced.empty());
  CHECK(options_of(R"("speed":1.25)").unpriced.empty());
  CHECK(options_of(R"("inference_geo":"us")").unpriced == "inference_geo");
  CHECK(options_of(R"("inference_geo":"global")").unpriced.empty());
  CHECK(options_of(R"("mcp_servers":[{"type":"url"}])").unpriced == "mcp_servers");
  CHECK(options_of(R"("mcp_servers":[])").unpriced.empty());
  CHECK(options_of(R"("container":"c")").unpriced == "container");
  CHECK(options_of(R"("context_management":{"edits":[{"type":"clear_tool_uses_20250919"}]})").unpriced.empty());
  for (const char* edits : {R"({"edits":[{"type":"clear_thinking_20251015"},{"type":"compact_20260112"}]})",
                            R"({"edits":[{}]})", R"([{"type":"compaction","compact_threshold":1}])"}) {
    CHECK(options_of(R"("context_management":)" + std::string(edits)).unpriced == "context_management");
  }
}

TEST_CASE("input that is not in the body has no price", "[wire][options]") {
  for (const char* field :
       {"data_sources", "dataSources", "cached_content", "cachedContent", "previous_response_id", "conversation"}) {
    const std::string name = std::string("\"") + field + "\":";
    CHECK(options_of(name + R"("x")").unpriced == field);
    CHECK(options_of(name + R"([{}])").unpriced == field);
    CHECK(options_of(name + "null").unpriced.empty());
  }
  for (const char* members : {R"({"google":{"cached_content":"c"}})", R"({"cachedContent":"c"})",
                              R"({"google":{"thinking_config":{},"cached\u005fcontent":"c"}})"}) {
    CHECK(options_of(R"("extra_body":)" + std::string(members)).unpriced == "extra_body");
    CHECK(options_of(R"("google":)" + std::string(members)).unpriced == "google");
  }
  CHECK(options_of(R"("extra_body":{"google":{"thinking_config":{"thinking_budget":1},"cached_content":null}})")
            .unpriced.empty());
  CHECK(options_of(R"("extra_body":"cached_content")").unpriced.empty());
}

TEST_CASE("messages refer to media that are not in the body", "[wire][options]") {
  const auto facts_of = [](const std::string& message) {
    RequestFacts facts;
    BadRequest why;
    RequestReader reader;
    INFO(message);
    REQUIRE(reader.read(Operation::chat, test::padded(R"({"model":"m","messages":[)" + message + "]}"), facts, why));
    return facts;
  };
  for (const char* member : {R"("audio":{"id":"audio_1"})", R"("\u0061udio":{"id":"audio_1"})", R"("video":"http://x")",
                             R"("files":[{"id":"f"}])", R"("input_audio":{"data":"AA"})"}) {
    CHECK(facts_of(R"({"role":"assistant",)" + std::string(member) + "}").options.unpriced == "messages");
  }
  CHECK(facts_of(R"({"role":"assistant","audio":null,"images":null,"files":false})").options.unpriced.empty());
  CHECK(facts_of(R"({"role":"assistant","images":null,"content":"x"})").images == 0);
  for (const char* images : {R"([{"type":"image_url","image_url":{"url":"http://x/y"}},{"url":"z"}])", R"(["AA","BB"])",
                             R"([{"image_url":"z"},{"unknown":{}}])"}) {
    CHECK(facts_of(R"({"role":"assistant","images":)" + std::string(images) + "}").images == 2);
  }
  CHECK(facts_of(R"({"role":"user","image":"AA"})").images == 1);
  const std::string data(10'000, 'A');
  CHECK(facts_of(R"({"images":[{"image_url":{"url":")" + data + R"("}}]})").input_bound < 200);
}

TEST_CASE("a field that changes a price is in a body once, however it is spelled", "[wire][options]") {
  for (const char* members : {
           R"("service_tier":"flex","service_tier":"priority")",
           R"("service_tier":"default","service\u005ftier":"priority")",
           R"("models":["a"],"\u006dodels":["b"])",
           R"("plugins":[],"plugins":[{"id":"web"}])",
           R"("plugins":[{"id":"response-healing","id":"web"}])",
           R"("plugins":[{"id":"web","max_results":1,"max_results":10}])",
           R"("web_search_options":null,"web_search_options":{})",
           R"("modalities":["text"],"modalities":["audio"])",
           R"("audio":null,"audio":{})",
           R"("tools":[],"tools":[])",
           R"("tools":[{"type":"function","type":"web_search"}])",
           R"("preset":null,"preset":"p")",
           R"("route":null,"route":"fallback")",
           R"("provider":{},"provider":{})",
           R"("search_parameters":{"mode":"off","mode":"on"})",
           R"("enable_search":false,"enable_search":true)",
       }) {
    const ReadBody read = read_with(members);
    INFO(members);
    CHECK_FALSE(read.good);
    CHECK(read.why.message.find("more than once") != std::string::npos);
    CHECK_FALSE(read.why.param.empty());
  }
  CHECK(read_with(R"("tools":[],"functions":[])").good);
}

TEST_CASE("models that may answer instead are names", "[wire][options]") {
  for (const char* members : {R"("models":"a")", R"("models":[1])", R"("models":[""])", R"("models":{})"}) {
    INFO(members);
    CHECK(read_with(members).why.param == "models");
  }
  CHECK(read_with(R"("models":null)").good);
  CHECK(read_with(R"("service_tier":7)").why.param == "service_tier");
}

}  // namespace
}  // namespace gateway
