// POST /v1/messages/count_tokens: by the provider where it can, else an estimate that says so; never a bill.
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

constexpr const char* kCounts = "/v1/messages/count_tokens";
constexpr std::string_view kMessage =
    R"({"model":"m","system":"be brief","messages":[{"role":"user","content":"how many tokens has this?"}]})";

Config with_claude(ProviderType type = ProviderType::anthropic) {
  Config config = test_config();
  config.providers[0].type = type;
  return config;
}

std::string field(const FakeClient& client, std::string_view name) { return std::string(client.headers().value(name)); }

}  // namespace

TEST_CASE("a provider of the client's shape counts, whatever the model is called there", "[proxy][count_tokens]") {
  TestGateway t(with_claude());
  FakeClient client;
  auto exchange = t.ask(client, kMessage, kCounts);
  const SentRequest& sent = t.upstream.last().request();
  CHECK(sent.path == "/v1/messages/count_tokens");
  CHECK(sent.body.find(R"("model":"m-a")") != std::string::npos);
  CHECK(sent.body.find("how many tokens has this?") != std::string::npos);
  t.upstream.last().answer(Answer::json(200, R"({"input_tokens":17})"));
  CHECK(client.status() == 200);
  CHECK(client.body() == R"({"input_tokens":17})");
  CHECK(field(client, "x-gateway-count") == "provider");
  CHECK(field(client, "x-gateway-provider") == "alpha");
  CHECK_FALSE(field(client, "request-id").empty());
  CHECK(t.rows().empty());
  CHECK(t.statuses == std::vector<int>{200});
}

TEST_CASE("what no provider counts is estimated, and says so", "[proxy][count_tokens]") {
  SECTION("its provider has another shape") {
    TestGateway t;
    FakeClient client;
    auto exchange = t.ask(client, kMessage, kCounts);
    CHECK(client.finished());
    CHECK(client.status() == 200);
    CHECK(client.body().starts_with(R"({"input_tokens":)"));
    CHECK(client.body() != R"({"input_tokens":0})");
    CHECK(field(client, "x-gateway-count") == "estimate");
    CHECK(t.upstream.calls() == 0);
    CHECK(t.rows().empty());
  }
  SECTION("its provider fails, or says something else") {
    const Answer answers[] = {
        Answer::json(500, "{}"),
        Answer::json(529, R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})"),
        Answer::json(401, R"({"type":"error","error":{"type":"authentication_error"}})"),
        Answer::json(200, "<html>"),
        Answer::json(200, std::string(100'000, ' ')),
        Answer::failure(ErrorCode::unreachable)};
    for (const Answer& answer : answers) {
      CAPTURE(answer.status);
      TestGateway t(with_claude());
      FakeClient client;
      auto exchange = t.ask(client, kMessage, kCounts);
      t.upstream.last().answer(answer);
      CHECK(client.status() == 200);
      CHECK(field(client, "x-gateway-count") == "estimate");
    }
  }
  SECTION("its provider does not answer in time") {
    TestGateway t(with_claude());
    FakeClient client;
    auto exchange = t.ask(client, kMessage, kCounts);
    t.timer.advance(std::chrono::seconds(11));
    CHECK(client.status() == 200);
    CHECK(field(client, "x-gateway-count") == "estimate");
    CHECK(t.upstream.last().cancelled());
  }
}

TEST_CASE("refusals have Anthropic's shape, and its provider's words", "[proxy][count_tokens]") {
  SECTION("its provider refuses the request") {
    constexpr const char* kWhy =
        R"({"type":"error","error":{"type":"invalid_request_error","message":"tools.0: name: sk-alpha-secret"}})";
    Config config = with_claude();
    config.providers[0].api_key = Secret("sk-alpha-secret");
    TestGateway t(config);
    FakeClient client;
    auto exchange = t.ask(client, kMessage, kCounts);
    t.upstream.last().answer(Answer::json(400, kWhy));
    CHECK(client.status() == 400);
    CHECK(client.body().find("tools.0: name: [redacted]") != std::string::npos);
  }
  SECTION("ours") {
    const struct {
      std::string_view method, key, body;
      int status;
      const char* type;
    } table[] = {
        {"POST", "gk-unknown", kMessage, 401, "authentication_error"},
        {"GET", kTestKey, "", 405, "invalid_request_error"},
        {"POST", kTestKey, R"({"model":"m"})", 400, "invalid_request_error"},
        {"POST", kTestKey, R"({"model":"other","messages":[{"role":"user","content":"x"}]})", 404, "not_found_error"},
    };
    for (const auto& each : table) {
      CAPTURE(each.status);
      TestGateway t(with_claude());
      FakeClient client;
      auto exchange = t.open(client, each.method, kCounts, each.key);
      if (exchange->wants_body()) exchange->on_body(each.body);
      if (exchange->wants_body()) exchange->on_end();
      CHECK(client.status() == each.status);
      CHECK(client.body().starts_with(R"({"type":"error","error":{"type":")" + std::string(each.type)));
      CHECK(t.upstream.calls() == 0);
    }
  }
  SECTION("the project's rate limit") {
    Config config = with_claude();
    config.projects[0].limits.requests_per_minute = 1;
    TestGateway t(config);
    FakeClient first, second;
    auto one = t.ask(first, kMessage, kCounts);
    auto two = t.ask(second, kMessage, kCounts);
    CHECK(second.status() == 429);
    CHECK(second.body().find("rate_limit_error") != std::string::npos);
    CHECK(t.upstream.calls() == 1);
  }
}

TEST_CASE("who leaves cancels the count, and frees its place", "[proxy][count_tokens]") {
  Config config = with_claude();
  config.projects[0].limits.concurrent = 1;
  TestGateway t(config);
  FakeClient client, next;
  auto exchange = t.ask(client, kMessage, kCounts);
  exchange.reset();
  CHECK(t.upstream.last().cancelled());
  auto another = t.ask(next, kMessage, kCounts);
  t.upstream.last().answer(Answer::json(200, R"({"input_tokens":17})"));
  CHECK(next.status() == 200);
  CHECK(t.statuses == std::vector<int>{499, 200});
}

TEST_CASE("errors ahead of routing have the shape of the path, or of the client that says its version",
          "[proxy][count_tokens]") {
  TestGateway t;
  const auto body_of = [&t](std::string_view path, std::vector<HeaderField> more = {}) {
    FakeClient client;
    auto exchange = t.open(client, "GET", path, kTestKey, std::move(more));
    CHECK(client.status() == 404);
    return client.body();
  };
  CHECK(body_of("/v1/messages/batches").starts_with(R"({"type":"error","error":{"type":"not_found_error")"));
  CHECK(body_of("/v1/models/none", {{"anthropic-version", "2023-06-01"}})
            .starts_with(R"({"type":"error","error":{"type":"not_found_error")"));
  CHECK(body_of("/v1/responses/resp_1/none").starts_with(R"({"error":{)"));
  CHECK(body_of("/v1/models/none").starts_with(R"({"error":{)"));
}
