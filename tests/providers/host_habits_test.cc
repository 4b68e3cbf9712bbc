#include "providers/host_habits.h"

#include "providers/dialect.h"
#include "support/catch.h"
#include "support/json_value.h"
#include "surfaces/openai.h"

using namespace gateway;
using gateway::testing::canonical_json;

namespace {

struct Wrote {
  std::string body, dropped;
};

Wrote write(std::string_view members, const char* base, std::optional<HostPreset> preset = {}) {
  PaddedBuffer body;
  body.append("{\"model\":\"m\"," + std::string(members) + "}");
  ChatRequest chat;
  REQUIRE(read_openai_chat(body, chat).has_value());
  ProviderConfig config;
  config.name = "p";
  config.base_url = base;
  config.preset = preset;
  const auto provider = make_provider(config).value();
  RequestFacts facts;
  facts.stream = chat.stream;
  BodyTexts texts;
  DialectOutput out;
  REQUIRE(provider->dialect->write(*provider, {.facts = &facts, .chat = &chat, .target_model = "m"}, texts, out)
              .has_value());
  const std::string written = canonical_json(texts.body, [](std::string_view key, std::string& value) {
    if (key == "model") value.clear();
  });
  return {written, texts.dropped};
}

constexpr const char* kMistral = "https://api.mistral.ai/v1";
constexpr const char* kPlain = "https://example.com/v1";

const std::string kTurnOfTools =
    R"("messages":[{"role":"user","content":"Hi","name":"Ann"},{"role":"assistant","reasoning_content":"so",)"
    R"("tool_calls":[{"id":"call_0123456789","type":"function","function":{"name":"f","arguments":"{}"}},)"
    R"({"id":"abcDEF123","type":"function","function":{"name":"g","arguments":"{}"}}]},)"
    R"({"role":"tool","tool_call_id":"call_0123456789","content":"1"},)"
    R"({"role":"tool","tool_call_id":"abcDEF123","content":"2"}])";

}  // namespace

TEST_CASE("a host's habits are found by its name, or as configured", "[providers][habits]") {
  CHECK(habits_of({}, "api.mistral.ai", 443).preset == HostPreset::mistral);
  CHECK(habits_of({}, "eu.api.mistral.ai", 443).preset == HostPreset::mistral);
  CHECK(habits_of({}, "notapi.mistral.ai.example", 443).preset == HostPreset::plain);
  CHECK(habits_of({}, "127.0.0.1", 11434).preset == HostPreset::ollama);
  CHECK(habits_of(HostPreset::vllm, "127.0.0.1", 8000).preset == HostPreset::vllm);
  CHECK(habits_of(HostPreset::plain, "api.mistral.ai", 443).preset == HostPreset::plain);
  for (const HostHabits& each : host_habits()) {
    CHECK(habits_of(each.preset, "", 0).preset == each.preset);
    for (const CarriedFeature& feature : each.features) CHECK(feature.carried == Carried::drop);
  }
}

TEST_CASE("Mistral gets its own words, ids of nine characters, and nothing that it refuses", "[providers][habits]") {
  const Wrote wrote = write(kTurnOfTools + R"(,"stream":true,"seed":7,"user":"u","store":true,"metadata":{"a":"b"},)"
                                           R"("tool_choice":"required","temperature":1)",
                            kMistral);
  CHECK(wrote.body ==
        R"({"messages":[{"content":"Hi","role":"user"},{"role":"assistant","tool_calls":[)"
        R"({"function":{"arguments":"{}","name":"f"},"id":"rMvm6TNZR","type":"function"},)"
        R"({"function":{"arguments":"{}","name":"g"},"id":"abcDEF123","type":"function"}]},)"
        R"({"content":"1","role":"tool","tool_call_id":"rMvm6TNZR"},)"
        R"({"content":"2","role":"tool","tool_call_id":"abcDEF123"}],"random_seed":7,"stream":true,"temperature":1,)"
        R"("tool_choice":"any"})");
  CHECK(wrote.dropped == "messages[].name, messages[].reasoning, metadata, user, store");
}

TEST_CASE("others get all of it", "[providers][habits]") {
  const Wrote wrote = write(kTurnOfTools + R"(,"stream":true,"seed":7,"user":"u","tool_choice":"required")", kPlain);
  CHECK(wrote.body.find(R"("id":"call_0123456789")") != std::string::npos);
  CHECK(wrote.body.find(R"("name":"Ann")") != std::string::npos);
  CHECK(wrote.body.find(R"("seed":7)") != std::string::npos);
  CHECK(wrote.body.find(R"("stream_options":{"include_usage":true})") != std::string::npos);
  CHECK(wrote.body.find(R"("tool_choice":"required")") != std::string::npos);
  CHECK(wrote.dropped == "");
}

TEST_CASE("earlier reasoning goes where its host wants it", "[providers][habits]") {
  const std::string said = R"("messages":[{"role":"assistant","content":"x","reasoning_content":"so"}])";
  CHECK(write(kTurnOfTools, "https://api.deepseek.com").body.find(R"("reasoning_content":"so")") != std::string::npos);
  CHECK(write(said, "https://api.deepseek.com").body.find("so") == std::string::npos);
  CHECK(write(said, "https://api.groq.com/openai/v1").body.find(R"("reasoning":"so")") != std::string::npos);
  CHECK(write(said, "http://127.0.0.1:8000/v1", HostPreset::vllm).body.find(R"("reasoning":"so")") !=
        std::string::npos);
  CHECK(write(said, kPlain).body.find("so") == std::string::npos);
  CHECK(write(kTurnOfTools, "https://api.groq.com/openai/v1").dropped == "messages[].name");
}

TEST_CASE("Google's signatures of calls go to its own OpenAI layer, and to no other host", "[providers][habits]") {
  const std::string turn =
      R"("messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f",)"
      R"("arguments":"{}"},"extra_content":{"google":{"thought_signature":"SIG"}}}]}])";
  CHECK(write(turn, "https://generativelanguage.googleapis.com/v1beta/openai").body.find("SIG") != std::string::npos);
  for (const char* base : {kPlain, kMistral, "https://api.openai.com/v1"}) {
    CHECK(write(turn, base).body.find("SIG") == std::string::npos);
  }
}

TEST_CASE("marks for caches go to OpenRouter with Anthropic's models alone", "[providers][habits]") {
  PaddedBuffer body;
  body.append(R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Hi",)"
              R"("cache_control":{"type":"ephemeral"}}]}]})");
  ChatRequest chat;
  REQUIRE(read_openai_chat(body, chat).has_value());
  ProviderConfig config;
  config.name = "p";
  config.type = ProviderType::openrouter;
  config.base_url = "https://openrouter.ai/api/v1";
  const auto provider = make_provider(config).value();
  for (const auto& [model, is_marked] :
       {std::pair<std::string_view, bool>("anthropic/claude-opus-5", true), {"openai/gpt-5", false}}) {
    RequestFacts facts;
    BodyTexts texts;
    DialectOutput out;
    REQUIRE(provider->dialect->write(*provider, {.facts = &facts, .chat = &chat, .target_model = model}, texts, out)
                .has_value());
    CHECK((texts.body.find("\"cache_control\":{\"type\":\"ephemeral\"}") != std::string::npos) == is_marked);
  }
}
