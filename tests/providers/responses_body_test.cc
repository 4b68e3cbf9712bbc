#include "providers/responses_body.h"

#include <fstream>
#include <sstream>

#include "chat/tool_name.h"
#include "providers/dialect.h"
#include "support/catch.h"
#include "support/json_value.h"
#include "support/recorded.h"
#include "support/source_dir.h"
#include "surfaces/anthropic.h"
#include "surfaces/openai.h"
#include "surfaces/responses.h"

using namespace gateway;
using gateway::testing::canonical_json;
using gateway::testing::recorded_files;

namespace {

PaddedBuffer padded(const std::string& text) {
  PaddedBuffer body;
  body.append(text);
  return body;
}

struct Written {
  std::string body, dropped, refused;
};

enum class From { chat, messages, responses };

Written written(From from, const std::string& members, ResponsesBodyOptions options = {}) {
  if (options.model.empty()) options.model = "gpt-5.4";
  options.abilities = responses_model(options.model, {});
  if (options.signs_as.empty()) options.signs_as = "openai-responses-v1@account";
  const PaddedBuffer body = padded(R"({"model":"m",)" + members + "}");
  ChatRequest chat;
  const auto read = from == From::chat       ? read_openai_chat(body, chat)
                    : from == From::messages ? read_anthropic_messages(body, chat)
                                             : read_responses(body, chat);
  INFO(members);
  INFO((read ? "" : read.error().detail));
  REQUIRE(read.has_value());
  Written out;
  Dropped dropped(out.dropped, responses_features());
  std::string text;
  const auto appended = append_responses_body(text, chat, options, dropped);
  if (!appended) {
    out.refused = appended.error().detail;
    return out;
  }
  out.body = canonical_json(text, [](std::string_view key, std::string& value) {
    if (key == "model" || key == "store" || key == "include") value.clear();
  });
  CHECK(text.find("\"store\":false") != std::string::npos);
  return out;
}

std::string from_chat(const std::string& members) { return written(From::chat, members).body; }

}  // namespace

TEST_CASE("docs/dialects.md has the table of what is carried over to responses", "[providers][carried]") {
  std::ifstream file(source_dir() + std::string("/docs/dialects.md"));
  std::ostringstream text;
  text << file.rdbuf();
  const std::string table = carried_table(responses_features());
  INFO(table);
  CHECK(text.str().find(table) != std::string::npos);
}

TEST_CASE("a conversation becomes a list of items", "[providers][responses]") {
  CHECK(from_chat(R"("messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[)"
                  R"({"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"https://a.b"}},)"
                  R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QUJD"}}]},)"
                  R"({"role":"assistant","content":"Well","tool_calls":[{"id":"c1","type":"function","function":)"
                  R"({"name":"f","arguments":"{\"a\": 1}"}}]},{"role":"tool","tool_call_id":"c1","content":"one"},)"
                  R"({"role":"user","content":"and?"}])") ==
        R"({"input":[{"content":[{"text":"Be brief.","type":"input_text"}],"role":"system"},{"content":[)"
        R"({"text":"Look","type":"input_text"},{"detail":"auto","image_url":"https://a.b","type":"input_image"},)"
        R"({"file_data":"data:application/pdf;base64,QUJD","filename":"a.pdf","type":"input_file"}],"role":"user"},)"
        R"({"content":[{"text":"Well","type":"output_text"}],"role":"assistant"},)"
        R"({"arguments":"{\"a\": 1}","call_id":"c1","name":"f","type":"function_call"},)"
        R"({"call_id":"c1","output":"one","type":"function_call_output"},)"
        R"({"content":[{"text":"and?","type":"input_text"}],"role":"user"}]})");
  CHECK(written(From::messages,
                R"("max_tokens":50,"messages":[{"role":"user","content":"Go."},{"role":"assistant","content":[)"
                R"({"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","content":[)"
                R"({"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[]},)"
                R"({"type":"text","text":"Hm","cache_control":{"type":"ephemeral"}}]}])")
            .body == R"({"input":[{"content":[{"text":"Go.","type":"input_text"}],"role":"user"},)"
                     R"({"arguments":"{}","call_id":"t1","name":"f","type":"function_call"},)"
                     R"({"call_id":"t1","output":"error","type":"function_call_output"},)"
                     R"({"content":[{"text":"Hm","type":"input_text"}],"role":"user"}],"max_output_tokens":50})");
  const auto failed = [](std::string_view more) {
    return written(From::messages,
                   R"("max_tokens":50,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t1",)"
                   R"("name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result",)"
                   R"("tool_use_id":"t1","content":"no such city")" +
                       std::string(more) + "}]}]");
  };
  CHECK(failed(R"(,"is_error":true)").dropped == "tool_result.is_error");
  CHECK(failed(R"(,"is_error":true)").body.find(R"("output":"no such city")") != std::string::npos);
  CHECK(failed({}).dropped.empty());
}

TEST_CASE("settings find their places in a response", "[providers][responses]") {
  CHECK(
      from_chat(R"("messages":[],"max_tokens":50,"reasoning_effort":"low","verbosity":"low","user":"u",)"
                R"("metadata":{"a":"b"},"prompt_cache_key":"k","parallel_tool_calls":false,)"
                R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},)"
                R"("strict":true}},"tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":)"
                R"({"name":"c","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"d"}}}}],)"
                R"("tool_choice":{"type":"function","function":{"name":"f"}})") ==
      R"({"input":[],"max_output_tokens":50,"metadata":{"a":"b"},"parallel_tool_calls":false,)"
      R"("prompt_cache_key":"k","reasoning":{"effort":"low"},"text":{"format":{"name":"n","schema":{"type":"object"},)"
      R"("strict":true,"type":"json_schema"},"verbosity":"low"},"tool_choice":{"name":"f","type":"function"},)"
      R"("tools":[{"name":"f","parameters":{"properties":{},"type":"object"},"strict":false,"type":"function"},)"
      R"({"format":{"definition":"d","syntax":"lark","type":"grammar"},"name":"c","type":"custom"}],"user":"u"})");
}

TEST_CASE("tools have names that are short enough", "[providers][responses]") {
  const std::string name = "mcp__" + std::string(70, 'n');
  const std::string members = R"("max_tokens":50,"tools":[{"name":")" + name +
                              R"(","input_schema":{}}],"tool_choice":)" + R"({"type":"tool","name":")" + name +
                              R"("},"messages":[{"role":"assistant","content":[)" +
                              R"({"type":"tool_use","id":"c","name":")" + name + R"(","input":{}}]}])";
  CHECK(written(From::messages, members).body.find(name) != std::string::npos);
  const std::string body = written(From::messages, members, {.short_names = true}).body;
  CHECK(body.find(name) == std::string::npos);
  std::size_t found = 0;
  for (std::size_t at = body.find(short_tool_name(name)); at != body.npos;
       at = body.find(short_tool_name(name), at + 1))
    ++found;
  CHECK(found == 3);
}

TEST_CASE("a client's limit is at least the one that is taken", "[providers][responses]") {
  const auto has = [](From from, const std::string& members, ResponsesBodyOptions options, const char* limit) {
    return written(from, members, options).body.find("\"max_output_tokens\":" + std::string(limit)) !=
           std::string::npos;
  };
  CHECK(has(From::messages, R"("max_tokens":1,"messages":[])", {}, "16"));
  CHECK(has(From::chat, R"("max_completion_tokens":17,"messages":[])", {}, "17"));
  CHECK(has(From::chat, R"("max_completion_tokens":17,"messages":[])", {.max_output = 9}, "9"));  // a limit of ours
  CHECK(from_chat(R"("messages":[])").find("max_output_tokens") == std::string::npos);
}

TEST_CASE("a user's id of more characters than are taken has another one for it", "[providers][responses]") {
  const std::string user(65, 'a');
  const std::string body =
      written(From::messages, R"("max_tokens":5,"messages":[],"metadata":{"user_id":")" + user + "\"}").body;
  CHECK(body.find(user) == std::string::npos);
  CHECK(body.find(R"("user":"user_)") != std::string::npos);
}

TEST_CASE("what models of responses refuse is left out and said", "[providers][responses]") {
  const std::string sampled = R"("messages":[],"temperature":0.5,"top_p":0.9,"seed":1)";
  const Written thinks = written(From::chat, sampled);
  CHECK(thinks.dropped == "temperature, top_p, seed");
  CHECK(thinks.body == R"({"input":[]})");
  CHECK(written(From::chat, sampled + R"(,"reasoning_effort":"none")").dropped == "seed");
  const Written older = written(From::chat, sampled + R"(,"reasoning_effort":"high")", {.model = "gpt-4.1"});
  CHECK(older.dropped == "reasoning_effort, seed");
  CHECK(older.body == R"({"input":[],"temperature":0.5,"top_p":0.9})");
  CHECK(written(From::messages, R"("max_tokens":50,"messages":[],"thinking":{"type":"enabled","budget_tokens":32000})",
                {.model = "gpt-5"})
            .body == R"({"input":[],"max_output_tokens":50,"reasoning":{"effort":"high"}})");
  for (const char* refused : {R"("stop":["x"])", R"("n":2)", R"("logit_bias":{"1":2})", R"("modalities":["audio"])",
                              R"("web_search_options":{})", R"("tools":[{"type":"web_search"}])"}) {
    CAPTURE(refused);
    CHECK_FALSE(written(From::chat, std::string(R"("messages":[],)") + refused).refused.empty());
  }
}

TEST_CASE("sealed reasoning goes back to the account that sealed it, ahead of its call", "[providers][responses]") {
  const auto turn = [](const std::string& format) {
    return R"("messages":[{"role":"user","content":"Go."},{"role":"assistant","reasoning_details":[)"
           R"({"type":"reasoning.encrypted","data":"c2VhbGVk","format":")" +
           format +
           R"("}],"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},)"
           R"({"role":"tool","tool_call_id":"c1","content":"one"}])";
  };
  const Written own = written(From::chat, turn("openai-responses-v1@account"));
  CHECK(own.body.find(R"({"encrypted_content":"c2VhbGVk","summary":[],"type":"reasoning"},{"arguments":"{}")") !=
        std::string::npos);
  CHECK(own.dropped.empty());
  for (const char* other : {"openai-responses-v1@other", "anthropic-claude-v1", "unknown"}) {
    const Written foreign = written(From::chat, turn(other));
    CHECK(foreign.body.find("c2VhbGVk") == std::string::npos);
    CHECK(foreign.dropped == "messages[].reasoning");
  }
  // As the client has it from a provider whose bytes were relayed.
  const Written raw =
      written(From::responses, R"("input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}])");
  CHECK(raw.body.find("gAAA") != std::string::npos);
  const std::string marked = R"("max_tokens":5,"messages":[{"role":"assistant","content":[{"type":"redacted_thinking",)"
                             R"("data":"gateway:openai-responses-v1@account:c2VhbGVk"}]}])";
  CHECK(written(From::messages, marked).body.find(R"("encrypted_content":"c2VhbGVk")") != std::string::npos);
}

TEST_CASE("recorded requests of responses survive being read and written", "[providers][responses][fixtures]") {
  const auto recorded =
      recorded_files(".request.json", [](std::string_view provider) { return provider == "openai-responses"; });
  for (const auto& each : recorded) {
    CAPTURE(each.name);
    const PaddedBuffer body = padded(each.text);
    ChatRequest chat;
    if (!read_responses(body, chat)) continue;  // refers to what is stored, or to tools of its provider's
    std::string text, names;
    Dropped dropped(names, responses_features());
    ResponsesBodyOptions options{.model = "gpt-5.4", .abilities = responses_model("gpt-5.4", {}), .signs_as = "x"};
    REQUIRE(append_responses_body(text, chat, options, dropped).has_value());
    const PaddedBuffer again = padded(text);
    ChatRequest second;
    REQUIRE(read_responses(again, second).has_value());
    std::string twice;
    REQUIRE(append_responses_body(twice, second, options, dropped).has_value());
    CHECK(twice == text);
  }
}

namespace {

// As the provider is asked; empty: it is not.
std::string spliced(const std::string& text, std::optional<std::int64_t> clamp, std::string* why = nullptr) {
  ProviderConfig config;
  config.name = "account";
  config.type = ProviderType::responses;
  config.base_url = "https://api.openai.com/v1";
  const auto provider = make_provider(config);
  REQUIRE(provider.has_value());
  const PaddedBuffer body = padded(text);
  RequestReader reader;
  RequestFacts facts;
  BadRequest bad;
  REQUIRE(responses_surface().read(reader, body, {}, facts, bad));
  BodyTexts texts;
  DialectOutput out;
  const auto wrote = (*provider)->dialect->write(
      **provider, {.facts = &facts, .target_model = "served", .write_max_tokens = clamp}, texts, out);
  if (!wrote) {
    if (why != nullptr) *why = wrote.error().detail;
    return {};
  }
  CHECK(out.path == "/v1/responses");
  std::string all;
  for (const std::string_view piece : out.pieces(body.view())) all += piece;
  return all;
}

}  // namespace

TEST_CASE("no name but its own bounds the length of a response", "[providers][responses]") {
  for (const char* other : {"max_tokens", "max_completion_tokens"}) {
    const std::string member = std::string("\"") + other + "\":1";
    CHECK(spliced(R"({"model":"m","input":"x",)" + member + "}", 50) ==
          R"({"max_output_tokens":50,"model":"served","input":"x",)" + member + "}");
    CHECK(spliced(R"({"model":"m","input":"x","max_output_tokens":900,)" + member + "}", 50) ==
          R"({"model":"served","input":"x","max_output_tokens":50,)" + member + "}");
  }
}

TEST_CASE("items that name what their provider keeps have no price", "[providers][responses]") {
  const auto unpriced = [](const std::string& item) {
    const PaddedBuffer body = padded(R"({"model":"m","input":[)" + item + "]}");
    RequestReader reader;
    RequestFacts facts;
    BadRequest bad;
    REQUIRE(responses_surface().read(reader, body, {}, facts, bad));
    CHECK(facts.needs_state.empty());
    return facts.options.unpriced;
  };
  CHECK(unpriced(R"({"type":"reasoning","id":"rs_1","summary":[]})") == "input");
  CHECK(unpriced(R"({"type":"image_generation_call","id":"ig_1"})") == "input");
  CHECK(unpriced(R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"abc"})").empty());
  CHECK(unpriced(R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"so"}]})").empty());
  CHECK(unpriced(R"({"type":"reasoning","summary":[]})").empty());
  CHECK(unpriced(R"({"type":"message","id":"msg_1","role":"assistant","content":[]})").empty());
  CHECK(unpriced(R"({"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":"{}"})").empty());
}

TEST_CASE("a body of the same shape goes out as it came, but for its model and its length", "[providers][responses]") {
  CHECK(spliced(R"({"model":"m", "input":"x", "strange":[1e400]})", {}) ==
        R"({"model":"served", "input":"x", "strange":[1e400]})");
  CHECK(spliced(R"({"model":"m","input":"x","max_output_tokens":900})", 50) ==
        R"({"model":"served","input":"x","max_output_tokens":50})");
  CHECK(spliced(R"({"model":"m","input":"x"})", 50) == R"({"max_output_tokens":50,"model":"served","input":"x"})");
  for (const char* kept : {R"("previous_response_id":"resp_1")", R"("conversation":"conv_1")", R"("background":true)",
                           R"("prompt":{"id":"p"})"}) {
    std::string why;
    CHECK(spliced(std::string(R"({"model":"m","input":"x",)") + kept + "}", {}, &why).empty());
    CHECK(why.find("cannot be priced") != std::string::npos);
  }
  for (const char* reference :
       {R"({"type":"item_reference","id":"rs_1"})", R"({"type":"item\u005freference","id":"rs_1"})",
        R"({"id":"msg_1"})", R"({"type":null,"id":"msg_1"})", R"({"id":"msg_1","role":"user","content":null})",
        R"({"type":"message","id":"msg_1","type":"item_reference"})"}) {
    CAPTURE(reference);
    CHECK(
        spliced(R"({"model":"m","input":[{"role":"user","content":"x"},)" + std::string(reference) + "]}", {}).empty());
  }
  CHECK_FALSE(spliced(R"({"model":"m","input":[{"role":"user","content":"item_reference"}]})", {}).empty());
  CHECK_FALSE(spliced(R"({"model":"m","input":"x","previous_response_id":null,"background":false})", {}).empty());
}
