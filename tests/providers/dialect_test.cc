#include <string>

#include "base/buffer.h"
#include "base/extra_fields.h"
#include "providers/dialect.h"
#include "providers/provider.h"
#include "support/catch.h"
#include "wire/request_reader.h"

using namespace gateway;

namespace {

struct Written {
  std::string path, body;
  Headers headers;
};

Written write(const ProviderConfig& config, std::string_view body, std::string_view model,
              std::optional<std::int64_t> clamp = std::nullopt, Endpoint endpoint = Endpoint::chat_completions) {
  const auto provider = make_provider(config).value();
  PaddedBuffer buffer;
  buffer.append(body);
  RequestReader reader;
  RequestFacts facts;
  BadRequest why;
  REQUIRE(reader.read(endpoint, buffer, facts, why));
  BodyTexts texts;
  DialectOutput out;
  provider->dialect->write(
      *provider, {.endpoint = endpoint, .facts = &facts, .target_model = model, .write_max_tokens = clamp}, texts, out);
  Written written;
  written.path = out.path;
  for (const std::string_view piece : out.splice.pieces(buffer.view())) written.body += piece;
  for (const HeaderField& field : out.fields.span()) written.headers.add(field.name, field.value);
  return written;
}

ProviderConfig openai(std::string base = "http://x.test/v1") {
  ProviderConfig config;
  config.name = "x";
  config.base_url = std::move(base);
  config.api_key = Secret("sk-1");
  return config;
}

}  // namespace

TEST_CASE("a body goes out as it came where the name is the same", "[providers][dialect]") {
  const std::string body = R"( {"messages" : [], "model":"m", "odd":1.50e+0} )";
  const Written w = write(openai(), body, "m");
  CHECK(w.body == body);
  CHECK(w.path == "/v1/chat/completions");
  CHECK(w.headers.value("authorization") == "Bearer sk-1");
}

TEST_CASE("providers are told who calls, in words that may be configured", "[providers][dialect]") {
  const std::string body = R"({"messages":[],"model":"m"})";
  const Written ours = write(openai(), body, "m");
  CHECK(ours.headers.value("user-agent").substr(0, 14) == "model-gateway/");
  CHECK(ours.headers.value("user-agent").size() > 14);
  ProviderConfig config = openai();
  config.headers.emplace_back("User-Agent", "curl/8");
  const Written theirs = write(config, body, "m");
  CHECK(theirs.headers.value("user-agent") == "curl/8");
}

TEST_CASE("the model's name is replaced in place, escaped where it must be", "[providers][dialect]") {
  CHECK(write(openai(), R"({"model":"m","messages":[]})", "a\"b").body == R"({"model":"a\"b","messages":[]})");
}

TEST_CASE("streams are asked for usage, and other stream options stay", "[providers][dialect]") {
  CHECK(write(openai(), R"({"model":"m","stream":true,"messages":[]})", "m").body ==
        R"({"stream_options":{"include_usage":true},"model":"m","stream":true,"messages":[]})");
  CHECK(
      write(openai(), R"({"model":"m","stream":true,"stream_options":{"include_obfuscation":false},"messages":[]})",
            "m")
          .body ==
      R"({"model":"m","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},"messages":[]})");
  CHECK(write(openai(), R"({"model":"m","stream":true,"stream_options":{"include_usage":false},"messages":[]})", "m")
            .body == R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]})");
  CHECK(write(openai(), R"({"model":"m","stream":true,"stream_options":null,"messages":[]})", "m").body ==
        R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]})");
  CHECK(write(openai(), R"({"model":"m","stream":true,"stream_options":{},"messages":[]})", "m").body ==
        R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]})");
  const std::string asked = R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]})";
  CHECK(write(openai(), asked, "m").body == asked);
}

TEST_CASE("the clamp goes into the member that is there, else into the one the provider knows",
          "[providers][dialect]") {
  CHECK(write(openai(), R"({"model":"m","max_tokens":9000,"messages":[]})", "m", 100).body ==
        R"({"model":"m","max_tokens":100,"messages":[]})");
  CHECK(write(openai(), R"({"model":"m","messages":[]})", "m", 100).body ==
        R"({"max_tokens":100,"model":"m","messages":[]})");
  CHECK(write(openai("https://api.openai.com/v1"), R"({"model":"m","messages":[]})", "m", 100).body ==
        R"({"max_completion_tokens":100,"model":"m","messages":[]})");
}

TEST_CASE("embeddings go to their own path, untouched", "[providers][dialect]") {
  const std::string body = R"({"model":"m","input":"x"})";
  const Written w = write(openai(), body, "m", std::nullopt, Endpoint::embeddings);
  CHECK(w.path == "/v1/embeddings");
  CHECK(w.body == body);
}

TEST_CASE("OpenRouter gets attribution and needs no asking for usage", "[providers][dialect]") {
  ProviderConfig config = openai("");
  config.type = ProviderType::openrouter;
  const std::string body = R"({"model":"openai/gpt-4o-mini","stream":true,"messages":[]})";
  Written w = write(config, body, "openai/gpt-4o-mini");
  CHECK(w.path == "/api/v1/chat/completions");
  CHECK(w.body == body);
  CHECK(w.headers.value("x-title") == "Model Gateway");
  config.headers = {{"X-Title", "My App"}, {"HTTP-Referer", "https://app.example"}};
  w = write(config, body, "openai/gpt-4o-mini");
  CHECK(w.headers.value("x-title") == "My App");
  CHECK(w.headers.value("http-referer") == "https://app.example");
}

TEST_CASE("a provider without a key gets no authorization field", "[providers][dialect]") {
  ProviderConfig config = openai();
  config.api_key = Secret("none");
  CHECK_FALSE(write(config, R"({"model":"m","messages":[]})", "m").headers.has("authorization"));
}

TEST_CASE("all configured fields leave, however many they may be", "[providers][dialect]") {
  ProviderConfig config = openai();
  config.type = ProviderType::openrouter;
  config.api_key = Secret(std::string(kMaxProviderKey, 'k'));
  for (std::size_t i = 0; i < kMaxExtraFields; ++i) {
    config.headers.emplace_back("x-" + std::to_string(i), std::string(kMaxExtraFieldBytes / kMaxExtraFields - 8, 'v'));
  }
  const Written w = write(config, R"({"model":"m","stream":true,"messages":[]})", "m", 100);
  CHECK(w.headers.value("authorization").size() == kMaxProviderKey + 7);
  for (const auto& [name, value] : config.headers) CHECK(w.headers.value(name) == value);
}

TEST_CASE("fields that would stand beside ours, or twice, make no provider", "[providers]") {
  const auto refusal = [](std::vector<std::pair<std::string, std::string>> headers) {
    ProviderConfig config = openai();
    config.headers = std::move(headers);
    const auto made = make_provider(config);
    return made ? std::string() : made.error().detail;
  };
  CHECK(refusal({{"x-a", "1"}}).empty());
  CHECK(refusal({{"Authorization", "Bearer other"}}) ==
        "provider 'x': 'headers': 'Authorization' is written by the gateway, from 'api_key'");
  CHECK(refusal({{"content-type", "text/plain"}}) ==
        "provider 'x': 'headers': 'content-type' is written by the gateway itself");
  CHECK(refusal({{"x-a", "1"}, {"X-A", "2"}}) == "provider 'x': 'headers': 'X-A' is there twice");
  CHECK(refusal({{"x-a", "1\r\nhost: other"}}) ==
        "provider 'x': 'headers': 'x-a': it has a space at an end or a control character");
  CHECK_FALSE(refusal({{"", "1"}}).empty());
  CHECK_FALSE(refusal(std::vector(kMaxExtraFields + 1, std::pair<std::string, std::string>{"x", "v"})).empty());

  ProviderConfig config = openai();
  config.api_key = Secret("hunter2\n");
  REQUIRE_FALSE(make_provider(config));
  CHECK(make_provider(config).error().detail ==
        "provider 'x': its key: it has a space at an end or a control character, which no key has");
}
