#include "providers/gemini_body.h"

#include <fstream>
#include <sstream>

#include "providers/dialect.h"
#include "support/catch.h"
#include "support/json_value.h"
#include "support/source_dir.h"
#include "surfaces/anthropic.h"
#include "surfaces/openai.h"

using namespace gateway;
using gateway::testing::canonical_json;

namespace {

struct Wrote {
  std::string body, dropped, refused;
};

enum class From { openai, anthropic };

Wrote write(std::string_view members, std::string_view model = "gemini-2.5-flash", From from = From::openai) {
  PaddedBuffer body;
  body.append(std::string("{\"model\":\"m\",") + std::string(members) + "}");
  ChatRequest chat;
  const auto read = from == From::openai ? read_openai_chat(body, chat) : read_anthropic_messages(body, chat);
  INFO(members);
  INFO((read ? "" : read.error().detail));
  REQUIRE(read.has_value());
  Wrote out;
  Dropped dropped(out.dropped, gemini_features());
  const GeminiBodyOptions options{.abilities = gemini_model(model, {})};
  if (const auto done = append_gemini_body(out.body, chat, options, dropped); !done) {
    CHECK(done.error().code == ErrorCode::unsupported);
    out.refused = done.error().detail;
  }
  return out;
}

// The body, but for a configuration that is empty.
std::string rest(std::string_view members, std::string_view model = "gemini-2.5-flash", From from = From::openai) {
  const Wrote wrote = write(members, model, from);
  REQUIRE(wrote.refused == "");
  return canonical_json(wrote.body, [](std::string_view key, std::string& value) {
    if (key == "generationConfig" && value == "{}") value.clear();
  });
}

constexpr std::string_view kHi = R"("messages":[{"role":"user","content":"Hi"}])";
std::string asked(std::string_view more) { return std::string(kHi) + "," + std::string(more); }
std::string config_of(std::string_view more, std::string_view model = "gemini-2.5-flash") {
  const std::string body = rest(asked(more), model);
  const std::size_t at = body.find("\"generationConfig\":") + 19;
  return body.substr(at, body.size() - at - 1);
}

}  // namespace

TEST_CASE("turns become contents, and all systems one instruction", "[providers][gemini]") {
  CHECK(rest(R"("messages":[{"role":"system","content":"A"},{"role":"user","content":"Hi"},)"
             R"({"role":"developer","content":"B"},{"role":"user","content":"there"},)"
             R"({"role":"assistant","content":"Yes"},{"role":"user","content":""},{"role":"user","content":"?"}])") ==
        R"({"contents":[{"parts":[{"text":"Hi"},{"text":"there"}],"role":"user"},)"
        R"({"parts":[{"text":"Yes"}],"role":"model"},{"parts":[{"text":"?"}],"role":"user"}],)"
        R"("systemInstruction":{"parts":[{"text":"A"},{"text":"B"}]}})");
}

TEST_CASE("instructions alone are the user's turn", "[providers][gemini]") {
  CHECK(rest(R"("messages":[{"role":"system","content":"A"},{"role":"developer","content":"B"}])") ==
        R"({"contents":[{"parts":[{"text":"A"},{"text":"B"}],"role":"user"}]})");
}

TEST_CASE("results follow their calls in the calls' order, by name", "[providers][gemini]") {
  CHECK(rest(R"("messages":[{"role":"user","content":"Hi"},{"role":"assistant","tool_calls":[)"
             R"({"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"},)"
             R"("extra_content":{"google":{"thought_signature":"S1"}}},)"
             R"({"id":"b","type":"function","function":{"name":"g","arguments":""}}]},)"
             R"({"role":"tool","tool_call_id":"b","content":"{\"y\":2}"},)"
             R"({"role":"tool","tool_call_id":"a","content":"[1]"},{"role":"user","content":"go on"}])") ==
        R"({"contents":[{"parts":[{"text":"Hi"}],"role":"user"},{"parts":[)"
        R"({"functionCall":{"args":{"x":1},"name":"f"},"thoughtSignature":"S1"},)"
        R"({"functionCall":{"args":{},"name":"g"}}],"role":"model"},{"parts":[)"
        R"({"functionResponse":{"name":"f","response":{"output":"[1]"}}},)"
        R"({"functionResponse":{"name":"g","response":{"y":2}}},{"text":"go on"}],"role":"user"}]})");
  CHECK(write(R"("messages":[{"role":"tool","tool_call_id":"b","content":"x"}])").refused.starts_with("messages: "));
  // Google looks for parts of such names in an object.
  const auto refers =
      write(R"("messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f",)"
            R"("arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"{\"b\":{\"$ref\":\"#/c\"}}"}])");
  CHECK(refers.body.find(R"("response":{"output":"{\"b\":{\"$ref\":\"#/c\"}}"})") != std::string::npos);
  // A limit cut them: the conversation goes on.
  const auto cut =
      write(R"("messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f",)"
            R"("arguments":"{\"b\":1,\"cut"}}]}])");
  CHECK(cut.refused == "");
  CHECK(cut.dropped == "tool_calls[].function.arguments");
  CHECK(cut.body.find(R"({"name":"f","args":{"b":1}})") != std::string::npos);
}

TEST_CASE("a signature goes back to the part that it came with", "[providers][gemini]") {
  const std::string body =
      rest(R"("max_tokens":9,"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[)"
           R"({"type":"thinking","thinking":"so","signature":"gateway:google-gemini-v1:T"},)"
           R"({"type":"thinking","thinking":"","signature":"gateway:google-gemini-call-v1:S"},)"
           R"({"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"f","input":{}}]},)"
           R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a","is_error":true,"content":"no"},)"
           R"({"type":"tool_result","tool_use_id":"b","content":[{"type":"image","source":{"type":"base64",)"
           R"("media_type":"image/png","data":"AA"}}]}]}])",
           "gemini-3-flash-preview", From::anthropic);
  CHECK(body == R"({"contents":[{"parts":[{"text":"Hi"}],"role":"user"},{"parts":[)"
                R"({"text":"so","thought":true,"thoughtSignature":"T"},)"
                R"({"functionCall":{"args":{},"name":"f"},"thoughtSignature":"S"},)"
                R"({"functionCall":{"args":{},"name":"f"}}],"role":"model"},{"parts":[)"
                R"({"functionResponse":{"name":"f","response":{"error":"no"}}},)"
                R"({"functionResponse":{"name":"f","response":{"output":""}}},)"
                R"({"inlineData":{"data":"AA","mimeType":"image/png"}}],"role":"user"}],)"
                R"("generationConfig":{"maxOutputTokens":9}})");
}

TEST_CASE("what another model signed is left out, and its calls say that they have no signature",
          "[providers][gemini]") {
  const std::string_view turn =
      R"("max_tokens":9,"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[)"
      R"({"type":"thinking","thinking":"so","signature":"ANT"},{"type":"tool_use","id":"a","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"x"}]}])";
  const Wrote newer = write(turn, "gemini-3.1-pro-preview", From::anthropic);
  CHECK(newer.dropped == "messages[].reasoning");
  CHECK(newer.body.find("ANT") == std::string::npos);
  CHECK(newer.body.find(R"("thoughtSignature":"skip_thought_signature_validator")") != std::string::npos);
  CHECK(write(turn, "gemini-2.5-pro", From::anthropic).body.find("thoughtSignature") == std::string::npos);
}

TEST_CASE("images, files and audio", "[providers][gemini]") {
  CHECK(rest(R"("messages":[{"role":"user","content":[)"
             R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},)"
             R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,BBBB"}},)"
             R"({"type":"input_audio","input_audio":{"data":"CCCC","format":"mp3"}},)"
             R"({"type":"image_url","image_url":{"url":"gs://b/c.png"}}]}])") ==
        R"({"contents":[{"parts":[{"inlineData":{"data":"AAAA","mimeType":"image/png"}},)"
        R"({"inlineData":{"data":"BBBB","mimeType":"application/pdf"}},)"
        R"({"inlineData":{"data":"CCCC","mimeType":"audio/mp3"}},)"
        R"({"fileData":{"fileUri":"gs://b/c.png","mimeType":"image/png"}}],"role":"user"}]})");
  CHECK(write(R"("messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a.b/c"}}]}])")
            .refused.starts_with("messages: an image by its URL"));
}

TEST_CASE("tools keep what Gemini knows of their schemas", "[providers][gemini]") {
  const std::string tools =
      R"x("tool_choice":{"type":"function","function":{"name":"f"}},"tools":[{"type":"function","function":{)x"
      R"x("name":"f","description":"d","strict":true,"parameters":{"$schema":"s","type":"object","definitions":)x"
      R"x({"N":{"type":"string","minLength":2,"description":"n"}},"properties":{"a":{"$ref":"#/definitions/N"},)x"
      R"x("pattern":{"const":5},"c":{"allOf":[{"type":"string"}]}},"additionalProperties":false}}},)x"
      R"x({"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{}}}}])x";
  CHECK(rest(asked(tools)) ==
        R"x({"contents":[{"parts":[{"text":"Hi"}],"role":"user"}],"toolConfig":{"functionCallingConfig":)x"
        R"x({"allowedFunctionNames":["f"],"mode":"ANY"}},"tools":[{"functionDeclarations":[{"description":"d",)x"
        R"x("name":"f","parametersJsonSchema":{"$defs":{"N":{"description":"n (minLength: 2)","type":"string"}},)x"
        R"x("additionalProperties":false,"properties":{"a":{"$ref":"#/$defs/N"},"c":{"anyOf":[{"type":"string"}]},)x"
        R"x("pattern":{"enum":[5]}},"type":"object"}},{"name":"g"}]}]})x");
  const std::string beside =
      R"x("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{)x"
      R"x("$ref":"#/$defs/N","title":"A","description":"d","default":null,"minLength":1,"type":"string"}}}}}])x";
  CHECK(write(asked(beside))
            .body.find(R"x({"$ref":"#/$defs/N","default":null,"description":"d (minLength: 1, )x"
                       R"x(type: \"string\")"})x") != std::string::npos);
  const std::string strict =
      R"x("parallel_tool_calls":false,"tools":[{"type":"function","function":{"name":"f","strict":true,)x"
      R"x("parameters":{"type":"object","properties":{"a":{"type":"string","pattern":"x"}}}}}])x";
  CHECK(write(asked(strict)).dropped == "parallel_tool_calls, tools.strict, tools.parameters");
  CHECK(write(asked(R"x("tools":[{"type":"web_search"}])x")).refused.starts_with("tools: "));
  CHECK(write(asked(R"x("tools":[{"type":"custom","custom":{"name":"c"}}])x")).refused.starts_with("tools: "));
}

TEST_CASE("how the answer is to be goes into its configuration", "[providers][gemini]") {
  CHECK(config_of(R"("max_tokens":5,"temperature":0.25,"top_p":0.5,"seed":7,"stop":["a","b"],"n":2,"logprobs":true,)"
                  R"("top_logprobs":3,"presence_penalty":1)") ==
        R"({"candidateCount":2,"logprobs":3,"maxOutputTokens":5,"presencePenalty":1,"responseLogprobs":true,"seed":7,)"
        R"("stopSequences":["a","b"],"temperature":0.25,"topP":0.5})");
  const std::string_view schema =
      R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})";
  CHECK(config_of(schema) == R"({"responseJsonSchema":{"type":"object"},"responseMimeType":"application/json"})");
  const std::string with_tools = std::string(schema) + R"(,"tools":[{"type":"function","function":{"name":"f"}}])";
  CHECK(write(asked(with_tools)).refused.starts_with("response_format: "));
  CHECK(write(asked(with_tools), "gemini-3-flash").refused == "");
  for (const char* field :
       {R"("logit_bias":{"1":2})", R"("modalities":["audio"])", R"("web_search_options":{})", R"("whatever":1)"}) {
    const std::string name = std::string(field).substr(1, std::string(field).find('"', 1) - 1);
    CHECK(write(asked(field)).refused.starts_with(name + ": "));
  }
  CHECK(write(asked(R"("user":"u","store":true,"metadata":{"a":"b"},"service_tier":"scale")")).dropped ==
        "store, metadata, user, service_tier");
}

TEST_CASE("effort is a budget or a level, as the model has it", "[providers][gemini]") {
  CHECK(config_of(R"("reasoning_effort":"low")") ==
        R"({"thinkingConfig":{"includeThoughts":true,"thinkingBudget":1024}})");
  CHECK(config_of(R"("reasoning_effort":"none")") == R"({"thinkingConfig":{"thinkingBudget":0}})");
  CHECK(config_of(R"("reasoning_effort":"none")", "gemini-2.5-pro") == R"({"thinkingConfig":{"thinkingBudget":128}})");
  CHECK(config_of(R"("reasoning_effort":"xhigh")", "models/gemini-3-flash-preview") ==
        R"({"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"high"}})");
  CHECK(config_of(R"("reasoning_effort":"minimal")", "gemini-3-pro-preview") ==
        R"({"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"low"}})");
  CHECK(write(asked(R"("reasoning_effort":"low")"), "gemini-2.0-flash").dropped == "reasoning_effort");
}

TEST_CASE("docs/dialects.md has the table of what is carried over to Gemini", "[providers][gemini][carried]") {
  std::ifstream file(source_dir() + std::string("/docs/dialects.md"));
  std::ostringstream text;
  text << file.rdbuf();
  const std::string table = carried_table(gemini_features());
  INFO(table);
  CHECK(text.str().find(table) != std::string::npos);
}

namespace {

struct Sent {
  std::string path, body, key;
};

Sent sent(const DialectRequest& request, const char* base = "") {
  ProviderConfig config;
  config.name = "google";
  config.type = ProviderType::gemini;
  config.base_url = base;
  config.api_key = Secret("AIza0123456789");
  const auto provider = make_provider(config).value();
  BodyTexts texts;
  DialectOutput out;
  REQUIRE(provider->dialect->write(*provider, request, texts, out).has_value());
  const bool is_vertex = std::string_view(base).find("aiplatform.") != std::string_view::npos;
  CHECK(header_value(out.fields.span(), "authorization") == (is_vertex ? "Bearer AIza0123456789" : ""));
  return {out.path, texts.body, std::string(header_value(out.fields.span(), "x-goog-api-key"))};
}

}  // namespace

TEST_CASE("a model is named in the path, whatever a client may have written", "[providers][gemini]") {
  ChatRequest chat;
  RequestFacts facts;
  const Sent whole = sent({.facts = &facts, .chat = &chat, .target_model = "gemini-2.5-flash"});
  CHECK(whole.path == "/v1beta/models/gemini-2.5-flash:generateContent");
  CHECK(whole.key == "AIza0123456789");
  facts.stream = true;
  CHECK(sent({.facts = &facts, .chat = &chat, .target_model = "models/x/../y?z#"},
             "https://eu-aiplatform.googleapis.com/v1/projects/p/locations/eu/publishers/google")
            .path ==
        "/v1/projects/p/locations/eu/publishers/google/models/x%2F..%2Fy%3Fz%23:streamGenerateContent"
        "?alt=sse");
}

TEST_CASE("embeddings are written in Google's form", "[providers][gemini]") {
  PaddedBuffer body;
  body.append(R"({"model":"e","input":["a","b\n"],"dimensions":3,"encoding_format":"base64"})");
  ChatRequest chat;
  REQUIRE(read_openai_embeddings(body, chat).has_value());
  RequestFacts facts;
  DialectRequest request{.operation = Operation::embeddings, .facts = &facts, .chat = &chat, .target_model = "e"};
  const Sent batch = sent(request);
  CHECK(batch.path == "/v1beta/models/e:batchEmbedContents");
  CHECK(batch.body ==
        R"({"requests":[{"model":"models/e","content":{"parts":[{"text":"a"}]},"outputDimensionality":3},)"
        R"({"model":"models/e","content":{"parts":[{"text":"b\n"}]},"outputDimensionality":3}]})");
  const Sent vertex = sent(request, "https://eu-aiplatform.googleapis.com/v1/publishers/google");
  CHECK(vertex.path == "/v1/publishers/google/models/e:predict");
  CHECK(vertex.body == R"({"instances":[{"content":"a"},{"content":"b\n"}],"parameters":{"outputDimensionality":3}})");
  body.clear();
  body.append(R"({"model":"e","input":[1,2]})");
  ChatRequest tokens;
  CHECK_FALSE(read_openai_embeddings(body, tokens));
}
