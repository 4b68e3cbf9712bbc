// The operations beside chat: each is routed, limited, held for, metered in its own unit and settled as chat is.
#include "proxy/priced_units.h"
#include "support/catch.h"

namespace gateway::testing {
namespace {

struct Case {
  const char *path, *body, *answer;
  Usage usage;
  const char* cost;
};

Usage usage(std::int64_t input, std::int64_t output, std::int64_t images = 0, std::int64_t searches = 0) {
  Usage out;
  out.input = input;
  out.output = output;
  out.images = images;
  out.searches = searches;
  return out;
}

const std::vector<Case> kCases{
    {"/v1/completions", R"({"model":"m","prompt":"say"})",
     R"({"id":"c","object":"text_completion","model":"s","choices":[{"index":0,"text":"hi","finish_reason":"stop"}],)"
     R"("usage":{"prompt_tokens":10,"completion_tokens":5}})",
     usage(10, 5), "0.00002"},
    {"/v1/images/generations", R"({"model":"m","prompt":"a cat","n":2})",
     R"({"created":1,"data":[{"b64_json":"AA=="},{"url":"https://x/y"}]})", usage(0, 0, 2), "0.08"},
    {"/v1/moderations", R"({"model":"m","input":"say"})",
     R"({"id":"m","model":"s","results":[{"flagged":false}],"usage":{"prompt_tokens":7,"total_tokens":7}})",
     usage(7, 0), "0.000007"},
    {"/v1/rerank", R"({"model":"m","query":"a","documents":["b","c"]})",
     R"({"id":"r","results":[{"index":1,"relevance_score":0.5}],"meta":{"billed_units":{"search_units":1}}})",
     usage(0, 0, 0, 1), "0.002"},
    {"/v1/embeddings", R"({"model":"m","input":"say"})",
     R"({"data":[{"embedding":[1]}],"meta":{"billed_units":{"input_tokens":3}}})", usage(3, 0), "0.000003"},
};

TEST_CASE("each operation is sent on by its own path, and settled by its own unit", "[proxy][endpoints]") {
  for (const Case& each : kCases) {
    INFO(each.path);
    TestGateway t(priced_config());
    FakeClient client;
    t.upstream.answer_next(Answer::json(503, R"({"error":{"message":"busy"}})"));  // alpha's, so beta is asked
    t.upstream.answer_next(Answer::json(200, each.answer));
    auto exchange = t.ask(client, each.body, each.path);
    t.upstream.run();
    CHECK(client.status() == 200);
    CHECK(client.body() == each.answer);
    CHECK(client.header("content-type") == "application/json");
    CHECK(client.header("x-gateway-cost") == each.cost);
    REQUIRE(t.upstream.calls() == 2);
    const SentRequest& sent = t.upstream.call(1).request();
    CHECK(sent.path == each.path);
    CHECK(sent.body.find(R"("model":"m-b")") != std::string::npos);
    const auto rows = t.rows();
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].usage == each.usage);
    CHECK(rows[1].cost == Money::parse(each.cost).value());
    CHECK(rows[1].cost_source == CostSource::priced);
    CHECK(rows[1].state == RowState::settled);
    CHECK(rows[1].flags == (each.usage.searches > 0 ? row_flag::surcharged : 0));
    CHECK(std::string("/v1/") + std::string(rows[1].operation == Operation::images ? "images/generations"
                                                                                   : to_string(rows[1].operation)) ==
          each.path);
  }
}

TEST_CASE("an answer of another operation is none", "[proxy][endpoints]") {
  for (const Case& each : kCases) {
    INFO(each.path);
    Config config = priced_config();
    config.retry.max_attempts = 1;
    TestGateway t(config);
    FakeClient client;
    t.upstream.answer_all(Answer::json(200, R"({"object":"thing"})"));
    auto exchange = t.ask(client, each.body, each.path);
    t.upstream.run();
    CHECK(client.status() == 502);
  }
}

TEST_CASE("a strict cap holds for units, and refuses what has no price", "[proxy][endpoints]") {
  for (const Case& each : kCases) {
    INFO(each.path);
    TestGateway t(capped_config("100"));
    FakeClient client;
    t.upstream.answer_next(Answer::json(200, each.answer));
    auto exchange = t.ask(client, each.body, each.path);
    t.upstream.run();
    CHECK(client.status() == 200);
    const auto rows = t.rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].hold >= rows[0].cost);
    CHECK(rows[0].hold > Money{});

    Config unpriced = capped_config("100");
    for (TargetConfig& target : unpriced.routes[0].targets) target.prices = Prices{};
    TestGateway strict(unpriced);
    FakeClient refused;
    auto none = strict.ask(refused, each.body, each.path);
    CHECK(refused.status() == 400);
    CHECK(refused.body().find("unpriced") != std::string::npos);
    CHECK(strict.upstream.calls() == 0);
  }
  TestGateway small(capped_config("0.07"));
  FakeClient client;
  auto exchange = small.ask(client, kCases[1].body, kCases[1].path);  // two images of 0.04
  CHECK(client.status() == 429);
  CHECK(client.body().find("request_exceeds_budget") != std::string::npos);
}

TEST_CASE("a stream of completions is relayed as it comes and billed by its usage", "[proxy][endpoints]") {
  TestGateway t(priced_config());
  FakeClient client;
  const auto piece = [](const char* text, const char* why) {
    return std::string(R"(data: {"id":"c","object":"text_completion","choices":[{"index":0,"text":")") + text +
           R"(","finish_reason":)" + why + "}]}\n\n";
  };
  const std::string usage_chunk =
      "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}\n\n";
  const std::string shown = piece("he", "null") + piece("llo", "null") + piece("", "\"stop\"");
  t.upstream.answer_next(Answer::stream({shown + usage_chunk + kDone}));
  auto exchange = t.ask(client, R"({"model":"m","prompt":"say","stream":true})", "/v1/completions");
  CHECK(t.upstream.last().request().body.find("include_usage") != std::string::npos);
  t.upstream.run();
  CHECK(client.body() == shown + kDone);
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].usage == usage(10, 5));
  CHECK(rows[0].finish_reason.view() == "stop");
}

TEST_CASE("a stream of completions that breaks off is billed by what was seen", "[proxy][endpoints]") {
  TestGateway t(priced_config());
  FakeClient client;
  Answer cut = Answer::stream({"data: {\"choices\":[{\"index\":0,\"text\":\"12345678\",\"finish_reason\":null}]}\n\n"});
  cut.end = Error{ErrorCode::lost, "gone"};
  t.upstream.answer_next(std::move(cut));
  auto exchange = t.ask(client, R"({"model":"m","prompt":"say","stream":true})", "/v1/completions");
  t.upstream.run();
  CHECK(client.aborted());
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].usage.output == 2);
  CHECK(rows[0].cost_source == CostSource::estimated);
}

TEST_CASE("images are relayed as they come, large ones too, and counted", "[proxy][endpoints]") {
  TestGateway t(priced_config());
  FakeClient large, streamed;
  const std::string picture(700'000, 'A');
  const std::string document =
      R"({"created":1,"data":[{"b64_json":")" + picture + R"("},{"b64_json":")" + picture + R"("}]})";
  Answer answer = Answer::json(200, "");
  answer.body = {document.substr(0, 1'100'000), document.substr(1'100'000)};
  t.upstream.answer_next(std::move(answer));
  auto first = t.ask(large, R"({"model":"m","prompt":"a cat","n":2})", "/v1/images/generations");
  t.upstream.run();
  CHECK(large.body() == document);
  CHECK_FALSE(large.content_length());
  CHECK(t.rows().back().usage.images == 2);

  const std::string events =
      "event: image_generation.partial_image\n"
      "data: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"AA==\",\"partial_image_index\":0}\n\n"
      "event: image_generation.completed\n"
      "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"AAAA\"}\n\n";
  t.upstream.answer_next(Answer::stream({events}));
  auto second = t.ask(streamed, R"({"model":"m","prompt":"a cat","stream":true})", "/v1/images/generations");
  t.upstream.run();
  CHECK(streamed.header("content-type") == "text/event-stream; charset=utf-8");
  CHECK(streamed.body() == events);
  CHECK(streamed.finished());
  CHECK(t.rows().back().usage.images == 1);
  CHECK(t.rows().back().flags == 0);
}

TEST_CASE("a stream of images without one is no answer", "[proxy][endpoints]") {
  TestGateway t(priced_config());
  FakeClient client;
  const std::string error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"no\",\"code\":400}}\n\n";
  t.upstream.answer_next(Answer::stream({error}));
  auto exchange = t.ask(client, R"({"model":"m","prompt":"a cat","stream":true})", "/v1/images/generations");
  t.upstream.run();
  CHECK(client.status() == 400);  // nothing has gone out, so it has the status of its own
}

}  // namespace
}  // namespace gateway::testing
