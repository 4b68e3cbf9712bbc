#include "providers/anthropic_body.h"

#include "providers/dialect.h"
#include "support/catch.h"
#include "support/json_value.h"
#include "surfaces/openai.h"

using namespace gateway;
using gateway::testing::canonical_json;

namespace {

struct Wrote {
  std::string body, dropped, refused;
};

Wrote write(std::string_view members, std::string_view model = "claude-haiku-4-5", AnthropicBodyOptions options = {}) {
  PaddedBuffer body;
  body.append(std::string("{\"model\":\"m\",") + std::string(members) + "}");
  ChatRequest chat;
  const auto read = read_openai_chat(body, chat);
  INFO(members);
  INFO((read ? "" : read.error().detail));
  REQUIRE(read.has_value());
  options.model = model;
  options.abilities = anthropic_model(model, {});
  options.stream = chat.stream;
  Wrote out;
  Dropped dropped(out.dropped, anthropic_features());
  if (const auto done = append_anthropic_body(out.body, chat, options, dropped); !done) {
    CHECK(done.error().code == ErrorCode::unsupported);
    out.refused = done.error().detail;
  }
  return out;
}

// The body but for model and length.
std::string rest(std::string_view members, std::string_view model = "claude-haiku-4-5") {
  const Wrote wrote = write(members, model);
  REQUIRE(wrote.refused == "");
  return canonical_json(wrote.body, [](std::string_view key, std::string& value) {
    if (key == "model" || key == "max_tokens") value.clear();
  });
}

constexpr const char* kAsk = R"("messages":[{"role":"user","content":"Hi"}])";
constexpr const char* kAsked = R"("messages":[{"content":[{"text":"Hi","type":"text"}],"role":"user"}])";

std::string asked(const std::string& before, const std::string& after = "") {
  return "{" + before + kAsked + after + "}";
}
std::string ask(const std::string& more) { return std::string(kAsk) + "," + more; }

}  // namespace

TEST_CASE("the length is always there: the client's, the hold's, the model's", "[providers][anthropic]") {
  CHECK(canonical_json(write(ask(R"("max_tokens":7)")).body).find(R"("max_tokens":7,)") != std::string::npos);
  CHECK(write(kAsk).body.find(R"("max_tokens":64000,)") != std::string::npos);
  CHECK(write(kAsk, "claude-unheard-of").body.find(R"("max_tokens":4096,)") != std::string::npos);
  CHECK(write(kAsk, "claude-haiku-4-5", {.output_bound = 900}).body.find(R"("max_tokens":900,)") != std::string::npos);
  CHECK(write(ask(R"("max_tokens":7000)"), "x", {.max_output = 50}).body.find(R"("max_tokens":50,)") !=
        std::string::npos);
}

TEST_CASE("system messages go ahead of all, or keep their place where the model takes them", "[providers][anthropic]") {
  const char* const messages =
      R"("messages":[{"role":"system","content":"A"},{"role":"user","content":"Hi"},{"role":"developer","content":"B"},)"
      R"({"role":"user","content":"there"}])";
  CHECK(rest(messages) ==
        R"({"messages":[{"content":[{"text":"Hi","type":"text"},{"text":"there","type":"text"}],"role":"user"}],)"
        R"("system":[{"text":"A","type":"text"},{"text":"B","type":"text"}]})");
  CHECK(rest(messages, "claude-opus-5") ==
        R"({"messages":[{"content":[{"text":"Hi","type":"text"}],"role":"user"},)"
        R"({"content":[{"text":"B","type":"text"}],"role":"system"},)"
        R"({"content":[{"text":"there","type":"text"}],"role":"user"}],"system":[{"text":"A","type":"text"}]})");
}

TEST_CASE("results of one turn are one message, ahead of its text, under ids that Anthropic takes",
          "[providers][anthropic]") {
  CHECK(rest(R"("messages":[{"role":"user","content":"Hi"},)"
             R"({"role":"assistant","content":"  ","tool_calls":[)"
             R"({"id":"toolu_1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},)"
             R"({"id":"call:2","type":"function","function":{"name":"g","arguments":""}}]},)"
             R"({"role":"tool","tool_call_id":"toolu_1","content":"one"},)"
             R"({"role":"tool","tool_call_id":"call:2","content":""},)"
             R"({"role":"user","content":"go on"}],"tools":[{"type":"function","function":{"name":"f"}}])") ==
        R"({"messages":[{"content":[{"text":"Hi","type":"text"}],"role":"user"},)"
        R"({"content":[{"id":"toolu_1","input":{"a":1},"name":"f","type":"tool_use"},)"
        R"({"id":"toolu_95b5b3995da20981","input":{},"name":"g","type":"tool_use"}],"role":"assistant"},)"
        R"({"content":[{"content":[{"text":"one","type":"text"}],"tool_use_id":"toolu_1","type":"tool_result"},)"
        R"({"content":[],"tool_use_id":"toolu_95b5b3995da20981","type":"tool_result"},)"
        R"({"text":"go on","type":"text"}],"role":"user"}],)"
        R"("tools":[{"input_schema":{"properties":{},"type":"object"},"name":"f"}]})");
  // A limit cut them, or the model wrote none: the conversation goes on.
  const Wrote cut = write(
      R"("messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f",)"
      R"("arguments":"{\"b\":1,\"cut"}},{"id":"c","type":"function","function":{"name":"g","arguments":"none"}}]}])");
  CHECK(cut.refused == "");
  CHECK(cut.dropped == "tool_calls[].function.arguments");
  CHECK(cut.body.find(R"("name":"f","input":{"b":1})") != std::string::npos);
  CHECK(cut.body.find(R"("name":"g","input":{})") != std::string::npos);
}

TEST_CASE("calls in the history name the tools that must be listed", "[providers][anthropic]") {
  const std::string body = rest(
      R"("messages":[{"role":"user","content":"Hi"},{"role":"assistant","tool_calls":[{"id":"a","type":"function",)"
      R"("function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"x"}])");
  CHECK(
      body.find(
          R"("tool_choice":{"type":"none"},"tools":[{"input_schema":{"properties":{},"type":"object"},"name":"f"}])") !=
      std::string::npos);
}

TEST_CASE("images and files", "[providers][anthropic]") {
  CHECK(
      rest(R"("messages":[{"role":"user","content":[)"
           R"({"type":"image_url","image_url":{"url":"https://a.b/c.png","detail":"low"}},)"
           R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},)"
           R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,BBBB"}}]}])") ==
      R"({"messages":[{"content":[{"source":{"type":"url","url":"https://a.b/c.png"},"type":"image"},)"
      R"({"source":{"data":"AAAA","media_type":"image/png","type":"base64"},"type":"image"},)"
      R"({"source":{"data":"BBBB","media_type":"application/pdf","type":"base64"},"title":"a.pdf","type":"document"}],)"
      R"("role":"user"}]})");
  CHECK(
      write(
          R"("messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA","format":"wav"}}]}])")
          .refused == "messages: audio has no place in them");
}

TEST_CASE("instructions alone are the user's", "[providers][anthropic]") {
  CHECK(rest(R"("messages":[{"role":"system","content":"A"},{"role":"developer","content":"B"}])") ==
        R"({"messages":[{"content":[{"text":"A","type":"text"},{"text":"B","type":"text"}],"role":"user"}]})");
}

TEST_CASE("a tool's schema has no alternatives at its root", "[providers][anthropic]") {
  const auto schema = [](const std::string& parameters) {
    const std::string body =
        write(ask(R"("tools":[{"type":"function","function":{"name":"f","parameters":)" + parameters + "}}]")).body;
    const std::size_t from = body.find(R"("input_schema":)") + 15;
    return body.substr(from, body.rfind("}]}") - from);
  };
  const std::string usual = R"({"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}]}}})";
  CHECK(schema(usual) == usual);
  CHECK(schema(R"({"properties":{"a":{"type":"string"}},"required":["a"]})") ==
        R"({"type":"object","required":["a"],"properties":{"a":{"type":"string"}}})");
  CHECK(schema(R"({"type":"object","properties":{"a":{},"b":{}},"anyOf":[{"required":["a"]},{"required":["b"]}]})") ==
        R"x({"type":"object","properties":{"a":{},"b":{}},)x"
        R"x("description":"(anyOf: [{\"required\":[\"a\"]},{\"required\":[\"b\"]}])"})x");
  CHECK(schema(R"({"oneOf":[{"type":"object","properties":{"a":{"type":"null"}}},)"
               R"({"properties":{"a":{},"b":{}}}],"description":"d","$defs":{"x":{}}})")
            .starts_with(R"({"type":"object","$defs":{"x":{}},"properties":{"a":{"type":"null"},"b":{}},)"
                         R"x("description":"d (oneOf: [)x"));
}

TEST_CASE("media have the names of their types that Anthropic knows", "[providers][anthropic]") {
  const auto part = [](const std::string& member, const std::string& value) {
    const std::string type = member.substr(0, member.find(':'));
    return rest(R"("messages":[{"role":"user","content":[{"type":")" + type + R"(",")" + type + R"(":{)" +
                member.substr(type.size() + 1) + R"(:")" + value + R"("}}]}])");
  };
  const auto block = [](const std::string& text) {
    return R"({"messages":[{"content":[)" + text + R"(],"role":"user"}]})";
  };
  const std::string image = R"(image_url:"url")", file = R"(file:"file_data")";
  const std::string jpeg =
      block(R"({"source":{"data":"AAAA","media_type":"image/jpeg","type":"base64"},"type":"image"})");
  CHECK(part(image, "data:image/jpg;base64,AAAA") == jpeg);
  CHECK(part(image, "data:image/jpeg;charset=utf-8;base64,AAAA") == jpeg);
  CHECK(part(image, "data:application/pdf;base64,BBBB") ==
        block(R"({"source":{"data":"BBBB","media_type":"application/pdf","type":"base64"},"type":"document"})"));
  CHECK(part(file, "data:text/csv;charset=utf-8;base64,YSxiCjEsMg==") ==
        block(R"({"source":{"data":"a,b\n1,2","media_type":"text/plain","type":"text"},"type":"document"})"));
  CHECK(part(file, "data:text/plain;base64,aGVsbG8") ==
        block(R"({"source":{"data":"hello","media_type":"text/plain","type":"text"},"type":"document"})"));
  for (const char* other :
       {"data:text/plain;base64,a", "data:text/plain;base64,a*==", "data:application/zip;base64,AAAA"}) {
    const std::string body = R"("messages":[{"role":"user","content":[{"type":"file","file":{"file_data":")" +
                             std::string(other) + R"("}}]}])";
    CHECK(write(body).refused.find("has no place in them") != std::string::npos);
  }
}

TEST_CASE("tools, and which of them", "[providers][anthropic]") {
  const std::string tools =
      R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}},)"
      R"("cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"function","function":{"name":"g"}}])";
  const std::string f =
      R"({"cache_control":{"ttl":"1h","type":"ephemeral"},"description":"d","input_schema":{"type":"object"},"name":"f"})";
  const std::string g = R"({"input_schema":{"properties":{},"type":"object"},"name":"g"})";
  CHECK(rest(ask(tools)) == asked("", ",\"tools\":[" + f + "," + g + "]"));
  const auto with = [&](const char* choice) { return rest(ask(tools + "," + choice)); };
  CHECK(with(R"("tool_choice":"required")") ==
        asked("", R"(,"tool_choice":{"type":"any"},"tools":[)" + f + "," + g + "]"));
  CHECK(with(R"("tool_choice":{"type":"function","function":{"name":"g"}},"parallel_tool_calls":false)") ==
        asked("", R"(,"tool_choice":{"disable_parallel_tool_use":true,"name":"g","type":"tool"},"tools":[)" + f + "," +
                      g + "]"));
  CHECK(with(R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function",)"
             R"("function":{"name":"g"}}]}})") == asked("", R"(,"tool_choice":{"type":"any"},"tools":[)" + g + "]"));
  CHECK(with(R"("tool_choice":"none","parallel_tool_calls":false)") ==
        asked("", R"(,"tool_choice":{"type":"none"},"tools":[)" + f + "," + g + "]"));
  CHECK(write(ask(R"("tools":[{"type":"web_search_20250305","name":"web_search"}])")).refused.starts_with("tools: "));
  CHECK(rest(ask(R"("tools":[{"type":"bash_20250124","name":"bash"}])")) ==
        asked("", R"(,"tools":[{"name":"bash","type":"bash_20250124"}])"));
  CHECK(write(ask(R"("tools":[{"type":"custom","custom":{"name":"x"}}])")).refused.starts_with("tools: "));
}

TEST_CASE("a wish to think becomes what the model knows", "[providers][anthropic]") {
  CHECK(rest(ask(R"("reasoning_effort":"low")")) ==
        asked("", R"(,"thinking":{"budget_tokens":4096,"type":"enabled"})"));
  CHECK(rest(ask(R"("reasoning_effort":"high")"), "claude-opus-5") ==
        asked("", R"(,"output_config":{"effort":"high"},"thinking":{"display":"summarized","type":"adaptive"})"));
  CHECK(rest(ask(R"("reasoning_effort":"max")"), "claude-sonnet-5") ==
        asked("", R"(,"output_config":{"effort":"xhigh"},"thinking":{"display":"summarized","type":"adaptive"})"));
  // These show it by themselves.
  CHECK(rest(ask(R"("reasoning_effort":"high")"), "claude-opus-4-6") ==
        asked("", R"(,"output_config":{"effort":"high"},"thinking":{"type":"adaptive"})"));
  CHECK(rest(ask(R"("reasoning_effort":"none")")) == asked("", R"(,"thinking":{"type":"disabled"})"));
  CHECK(rest(ask(R"("thinking":{"type":"enabled","budget_tokens":2000})")) ==
        asked("", R"(,"thinking":{"budget_tokens":2000,"type":"enabled"})"));
  const auto dropped = [](const std::string& more, const char* model = "claude-haiku-4-5") {
    return write(ask(R"("reasoning_effort":"high",)" + more), model).dropped;
  };
  CHECK(dropped(R"("seed":1)") == "seed");
  CHECK(dropped(R"("max_tokens":1000)") == "reasoning_effort");
  CHECK(dropped(R"("n":1)", "claude-3-5-haiku") == "reasoning_effort");
  CHECK(dropped(R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required")", "claude-opus-5") ==
        "reasoning_effort");
  CHECK(write(ask(R"("reasoning_effort":"high","max_tokens":4000)")).body.find("\"budget_tokens\":3000") !=
        std::string::npos);
}

TEST_CASE("reasoning goes back signed as it came, and only to who signed it", "[providers][anthropic]") {
  const auto turn = [](const std::string& details) {
    return R"("messages":[{"role":"user","content":"Hi"},{"role":"assistant","reasoning_details":[)" + details +
           R"(],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},)"
           R"({"role":"tool","tool_call_id":"a","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}],)"
           R"("reasoning_effort":"low")";
  };
  const Wrote own =
      write(turn(R"({"type":"reasoning.text","text":"So\n","signature":"c2ln","format":"anthropic-claude-v1"},)"
                 R"({"type":"reasoning.encrypted","data":"ZW5j","format":"anthropic-claude-v1"})"));
  CHECK(own.dropped == "");
  CHECK(own.body.find(R"("content":[{"type":"thinking","thinking":"So\n","signature":"c2ln"},)"
                      R"({"type":"redacted_thinking","data":"ZW5j"},{"type":"tool_use")") != std::string::npos);
  CHECK(own.body.find("budget_tokens") != std::string::npos);
  const Wrote other =
      write(turn(R"({"type":"reasoning.text","text":"So","signature":"c2ln","format":"google-gemini-v1"})"));
  CHECK(other.body.find("c2ln") == std::string::npos);
  CHECK(other.body.find("budget_tokens") == std::string::npos);
  CHECK(other.dropped == "messages[].reasoning, reasoning_effort");
}

TEST_CASE("sampling as far as the model takes it", "[providers][anthropic]") {
  const std::string given = R"("temperature":1.5,"top_p":0.9,"top_k":5,"stop":["END"," \n"],"seed":4)";
  CHECK(rest(ask(given)) == asked("", R"(,"stop_sequences":["END"],"temperature":1,"top_k":5)"));
  CHECK(write(ask(given)).dropped == "temperature, top_p, seed, stop");
  CHECK(rest(ask(given), "claude-3-haiku") ==
        asked("", R"(,"stop_sequences":["END"],"temperature":1,"top_k":5,"top_p":0.9)"));
  CHECK(rest(ask(given), "claude-opus-5") == asked("", R"(,"stop_sequences":["END"])"));
  CHECK(rest(ask(R"("temperature":0.5,"top_p":0.96,"reasoning_effort":"low")")) ==
        asked("", R"(,"thinking":{"budget_tokens":4096,"type":"enabled"},"top_p":0.96)"));
  CHECK(write(ask(R"("frequency_penalty":0,"presence_penalty":0.0,"n":1,"logprobs":false)")).dropped == "");
}

TEST_CASE("answers by a schema that Anthropic takes", "[providers][anthropic]") {
  const Wrote wrote = write(ask(
      R"("response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object","properties":)"
      R"({"minimum":{"type":"integer","minimum":1,"description":"How few"},"b":{"oneOf":[{"type":"string"}]}}}}})"));
  CHECK(wrote.dropped == "response_format.schema");
  const std::string schema = R"x({"additionalProperties":false,"properties":{"b":{"anyOf":[{"type":"string"}]},)x"
                             R"x("minimum":{"description":"How few (minimum: 1)","type":"integer"}},"type":"object"})x";
  const std::string expected = R"("output_config":{"format":{"schema":)" + schema + R"(,"type":"json_schema"}})";
  CHECK(canonical_json(wrote.body).find(expected) != std::string::npos);
  CHECK(
      write(ask(R"("response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{}}})"), "claude-3-opus")
          .refused.starts_with("response_format: "));
  CHECK(rest(ask(R"("response_format":{"type":"json_object"})")) ==
        "{" + std::string(kAsked) +
            R"(,"system":[{"text":"Answer with one JSON object and with nothing else.","type":"text"}]})");
}

TEST_CASE("whose request it is, and what is dropped or refused", "[providers][anthropic]") {
  CHECK(rest(ask(R"("user":"u-1","service_tier":"auto")")) ==
        asked("", "").substr(0, 1) + std::string(kAsked) + R"(,"metadata":{"user_id":"u-1"},"service_tier":"auto"})");
  CHECK(rest(ask(R"("user":"a@b.c","safety_identifier":"s","store":true,"metadata":{"a":"b"},"verbosity":"low")")) ==
        "{" + std::string(kAsked) + "}");
  CHECK(write(ask(R"("user":"a@b.c","store":true,"metadata":{"a":"b"},"verbosity":"low","service_tier":"flex")"))
            .dropped == "store, verbosity, metadata, user, service_tier");
  for (const char* field : {R"("n":2)", R"("logprobs":true)", R"("logit_bias":{"1":2})", R"("modalities":["audio"])",
                            R"("web_search_options":{})", R"("whatever":1)"}) {
    const std::string refused = write(ask(field)).refused;
    const std::string name = std::string(field).substr(1, std::string(field).find('"', 1) - 1);
    CHECK(refused.starts_with(name + ": "));
  }
}

TEST_CASE("who asks is said in Anthropic's own fields, at its own path", "[providers][anthropic]") {
  for (const char* base : {"https://api.anthropic.com/v1", "https://api.anthropic.com"}) {
    ProviderConfig config;
    config.name = "claude";
    config.type = ProviderType::anthropic;
    config.base_url = base;
    config.api_key = Secret("sk-ant-0123456789");
    config.headers = {{"anthropic-beta", "b-1"}};
    const auto provider = make_provider(config).value();
    ChatRequest chat;
    RequestFacts facts;
    facts.stream = chat.stream = true;
    BodyTexts texts;
    DialectOutput out;
    REQUIRE(
        provider->dialect->write(*provider, {.facts = &facts, .chat = &chat, .target_model = "claude-x"}, texts, out)
            .has_value());
    CHECK(out.path == "/v1/messages");
    const HeaderSpan fields = out.fields.span();
    CHECK(header_value(fields, "x-api-key") == "sk-ant-0123456789");
    CHECK(header_value(fields, "authorization") == "");
    CHECK(header_value(fields, "anthropic-version") == "2023-06-01");
    CHECK(header_value(fields, "anthropic-beta") == "b-1");
    CHECK(header_value(fields, "accept") == "text/event-stream");
    REQUIRE(out.pieces("ignored").size() == 1);
    CHECK(out.pieces("ignored")[0] == texts.body);
    DialectOutput none;
    CHECK_FALSE(
        provider->dialect->write(*provider, {.operation = Operation::embeddings, .facts = &facts}, texts, none));
  }
}
