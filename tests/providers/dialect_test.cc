#include <string>

#include "base/buffer.h"
#include "base/extra_fields.h"
#include "providers/dialect.h"
#include "providers/provider.h"
#include "support/catch.h"
#include "wire/openai/request_reader.h"

using namespace gateway;

namespace {

struct Written {
  std::string path, body;
  bool asked_usage = false;
  Headers headers;
};

struct Options {
  std::optional<std::int64_t> clamp{};
  std::optional<LengthField> length_field{};
  std::optional<bool> ask_usage{};
  Operation operation = Operation::chat;
};

Written write_with(const ProviderConfig& config, std::string_view body, std::string_view model,
                   const Options& options) {
  const Operation operation = options.operation;
  const auto provider = make_provider(config).value();
  PaddedBuffer buffer;
  buffer.append(body);
  RequestReader reader;
  RequestFacts facts;
  BadRequest why;
  REQUIRE(reader.read(operation, buffer, facts, why));
  BodyTexts texts;
  DialectOutput out;
  const auto done = provider->dialect->write(*provider,
                                             {.operation = operation,
                                              .facts = &facts,
                                              .chat = nullptr,
                                              .target_model = model,
                                              .write_max_tokens = options.clamp,
                                              .length_field = options.length_field,
                                              .ask_usage = options.ask_usage},
                                             texts, out);
  REQUIRE(done.has_value());
  Written written;
  written.path = out.path;
  written.asked_usage = out.asked_usage;
  for (const std::string_view piece : out.splice.pieces(buffer.view())) written.body += piece;
  for (const HeaderField& field : out.fields.span()) written.headers.add(field.name, field.value);
  return written;
}

Written write(const ProviderConfig& config, std::string_view body, std::string_view model,
              std::optional<std::int64_t> clamp = std::nullopt, Operation operation = Operation::chat) {
  return write_with(config, body, model, {.clamp = clamp, .operation = operation});
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

TEST_CASE("the clamp has the name that the provider reads, whichever the client gave", "[providers][dialect]") {
  const std::string body = R"({"model":"m","max_completion_tokens":9000,"messages":[]})";
  CHECK(write(openai(), body, "m", 100).body ==
        R"({"max_tokens":100,"model":"m","max_completion_tokens":null,"messages":[]})");
  CHECK(write(openai("https://api.openai.com/v1"), body, "m", 100).body ==
        R"({"model":"m","max_completion_tokens":100,"messages":[]})");
  CHECK(
      write(openai(), R"({"model":"m","max_tokens":9000,"max_completion_tokens":9000,"messages":[]})", "m", 100).body ==
      R"({"model":"m","max_tokens":100,"max_completion_tokens":100,"messages":[]})");
}

TEST_CASE("a length that nobody named gets the name that the server takes", "[providers][dialect]") {
  const std::string body = R"({"model":"m","messages":[]})";
  const auto field = [&](const std::string& base, const std::string& model) {
    const std::string written = write(openai(base), body, model, 100).body;
    return written.substr(2, written.find(':') - 3);
  };
  for (const char* base :
       {"https://api.openai.com/v1", "https://eu.api.openai.com/v1", "https://mine.openai.azure.com/openai/v1",
        "https://mine.services.ai.azure.com/openai/v1", "https://API.OpenAI.com/v1"}) {
    INFO(base);
    CHECK(field(base, "gpt-4o") == "max_completion_tokens");
  }
  for (const char* model : {"o1", "o3-mini", "o4-mini-2025-04-16", "gpt-5", "gpt-5.1-codex", "gpt-6-sol", "openai/o3",
                            "openai/gpt-5-mini:nitro", "ft:gpt-5-nano:org", "codex-mini-latest", "gpt-10"}) {
    INFO(model);
    CHECK(field("http://x.test/v1", model) == "max_completion_tokens");
  }
  for (const char* model : {"gpt-4o", "gpt-4.1", "gpt-oss-120b", "openai/gpt-oss-20b", "olmo-2", "o", "omni-1", "gpt-",
                            "m", "mistral/o-model", "o1x", "qwen3"}) {
    INFO(model);
    CHECK(field("http://x.test/v1", model) == "max_tokens");
  }
  CHECK(field("https://notopenai.com/v1", "m") == "max_tokens");
  CHECK(field("https://openai.com.evil.test/v1", "m") == "max_tokens");
}

TEST_CASE("a length field that is null is left to those that take it", "[providers][dialect]") {
  CHECK(write(openai("https://api.openai.com/v1"), R"({"model":"m","max_tokens":null,"messages":[]})", "m", 100).body ==
        R"({"max_completion_tokens":100,"model":"m","max_tokens":null,"messages":[]})");
  CHECK(write(openai(), R"({"model":"m","max_tokens":null,"messages":[]})", "m", 100).body ==
        R"({"model":"m","max_tokens":100,"messages":[]})");
}

TEST_CASE("a target's own length field and wish for usage come first", "[providers][dialect]") {
  const std::string body = R"({"model":"m","stream":true,"messages":[]})";
  Options options{.clamp = 100, .length_field = LengthField::max_completion_tokens, .ask_usage = false};
  CHECK(write_with(openai(), body, "m", options).body ==
        R"({"max_completion_tokens":100,"model":"m","stream":true,"messages":[]})");
  CHECK_FALSE(write_with(openai(), body, "m", options).asked_usage);
  ProviderConfig never = openai();
  never.ask_usage = false;
  CHECK(write_with(never, body, "m", {}).body == body);
  options = {.ask_usage = true};
  CHECK(write_with(never, body, "m", options).asked_usage);
  CHECK(write_with(openai(), body, "m", {}).asked_usage);
  const std::string asked = R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]})";
  CHECK_FALSE(write_with(openai(), asked, "m", {}).asked_usage);
}

TEST_CASE("embeddings go to their own path, untouched", "[providers][dialect]") {
  const std::string body = R"({"model":"m","input":"x"})";
  const Written w = write(openai(), body, "m", std::nullopt, Operation::embeddings);
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
