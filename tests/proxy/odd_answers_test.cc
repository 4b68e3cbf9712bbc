// Answers that come in another form than was asked for, or that say more than one thing of themselves.
#include <string>

#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

std::string choice(int index, const std::string& content, const std::string& finish = "null") {
  return R"(data: {"id":"gen-1","choices":[{"index":)" + std::to_string(index) + R"(,"delta":{"content":")" + content +
         R"("},"finish_reason":)" + finish + "}]}\n\n";
}

constexpr std::string_view kTwoChoices =
    R"({"model":"m","stream":true,"n":2,"messages":[{"role":"user","content":"hello"}]})";

// What a client gets of these bytes, of which the provider says that they are of this type.
struct Answered {
  Answered(std::string_view request, const std::string& content_type, const std::string& body, std::size_t cut) {
    const auto exchange = t.ask(client, request);
    FakeCall& call = t.upstream.call(0);
    call.head(200, {{"content-type", content_type}});
    for (std::size_t at = 0; at < body.size() && call.alive(); at += cut) call.body(body.substr(at, cut));
    if (call.alive()) call.end();
  }
  TestGateway t;
  FakeClient client;
};

}  // namespace

TEST_CASE("a body that begins as an event stream is one, whatever its content type", "[proxy][relay]") {
  const std::string stream = chunk("a") + kFinish + kUsage + kDone;
  for (const char* type : {"application/json", "text/plain", "", "application/octet-stream"}) {
    for (const std::size_t cut : {std::size_t{1}, std::size_t{5}, stream.size()}) {
      CAPTURE(type, cut);
      Answered a(kStream, type, stream, cut);
      CHECK(a.client.finished());
      CHECK(a.client.header("content-type") == "text/event-stream; charset=utf-8");
      CHECK(a.client.body() == chunk("a") + kFinish + kDone);
      CHECK(a.t.rows().at(0).cost == Money::parse("0.00002").value());
    }
  }
}

TEST_CASE("a document for a client that streams becomes events", "[proxy][relay]") {
  for (const char* type : {"application/json", "text/event-stream"}) {
    CAPTURE(type);
    Answered a(kStream, type, kAnswer, 7);
    CHECK(a.client.finished());
    CHECK(a.client.header("content-type") == "text/event-stream; charset=utf-8");
    CHECK(a.client.body().find(R"("delta":{)") != std::string::npos);
    CHECK(a.client.body().find(R"("content":"hi")") != std::string::npos);
    CHECK(a.client.body().find(R"("finish_reason":"stop")") != std::string::npos);
    CHECK(a.client.body().ends_with(kDone));
    CHECK(a.t.rows().at(0).cost == Money::parse("0.00002").value());
  }
}

TEST_CASE("a document or an error after the keep-alive's head makes no second head", "[proxy][relay]") {
  for (const bool answers : {true, false}) {
    Config config = test_config();
    config.retry.max_attempts = 1;
    TestGateway t(config);
    FakeClient client;
    const auto exchange = t.ask(client, kStream);
    t.timer.advance(std::chrono::seconds(16));
    REQUIRE(client.status() == 200);  // FakeClient ends the program at a second head
    t.upstream.call(0).answer(answers ? Answer::json(200, kAnswer) : Answer::json(500, "{}"));
    CHECK(client.body().starts_with(": keep-alive\n"));
    CHECK(client.finished() == answers);
    CHECK(client.aborted() != answers);
    CHECK((client.body().find(R"("content":"hi")") != std::string::npos) == answers);
    CHECK(client.body().ends_with(kDone) == answers);
  }
}

TEST_CASE("a stream of several choices is complete when every choice has finished", "[proxy][stream]") {
  const std::string both = choice(0, "a") + choice(1, "b"), first_ends = choice(0, "", "\"stop\""),
                    second_ends = choice(1, "", "\"length\"");
  const auto ends_well = [](const std::string& events, bool reset, const std::string& after = {}) {
    TestGateway t;
    FakeClient client;
    const auto exchange = t.ask(client, kTwoChoices);
    FakeCall& call = t.upstream.call(0);
    call.head(200, {{"content-type", "text/event-stream"}});
    call.body(events + after);
    if (call.alive()) call.end(reset ? Result<void>(Error{ErrorCode::lost, "reset"}) : Result<void>{});
    CHECK(client.finished() == client.body().ends_with(kDone));
    CHECK(client.aborted() == (client.body().find("data: {\"error\"") != std::string::npos));
    CHECK(t.upstream.calls() == 1);
    return client.finished();
  };
  for (const bool reset : {true, false}) {
    CAPTURE(reset);
    CHECK(ends_well(both + first_ends + second_ends, reset));
    CHECK_FALSE(ends_well(both + first_ends, reset));
    CHECK_FALSE(ends_well(both + second_ends + kUsage, reset));
    CHECK(ends_well(both + first_ends + second_ends, reset, kDone));
  }
  CHECK_FALSE(ends_well(choice(0, "a") + first_ends, true));  // the other one never began
  CHECK(ends_well(choice(0, "a") + first_ends, false));       // a provider that makes one alone
}

TEST_CASE("tokens that are reported without an answer are billed, and not asked for again", "[proxy][money]") {
  const std::string usage = R"("usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15})";
  const bool streams = GENERATE(false, true);
  const std::string document = GENERATE_COPY(R"({"id":"g","choices":[],)" + usage + "}",
                                             R"({"error":{"message":"m","code":503},)" + usage + "}");
  CAPTURE(streams, document);
  TestGateway t;  // a second target would be there
  FakeClient client;
  const auto exchange = t.ask(client, streams ? kStream : kChat);
  t.upstream.call(0).answer(streams ? Answer::stream({"data: " + document + "\n\n", kDone})
                                    : Answer::json(200, document));
  for (int i = 0; i < 30; ++i) t.timer.advance(std::chrono::milliseconds(100));
  CHECK(t.upstream.calls() == 1);
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].usage.output == 5);
  CHECK(rows[0].cost == Money::parse("0.00002").value());
  CHECK(rows[0].cost_source == CostSource::priced);
}

TEST_CASE("where a stream is written anew its comments become no events", "[proxy][relay]") {
  const std::string cr = "data: {\"id\":\"gen-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\r\r";
  const std::string end =
      "data: {\"id\":\"gen-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\r\r";
  const std::string body =
      cr + ": PROCESSING\r\r" + ":\r\r" + "\r\r" + "event: ping\r\r" + cr + end + "data: [DONE]\r\r";
  for (const std::size_t cut : {std::size_t{1}, std::size_t{9}, body.size()}) {
    CAPTURE(cut);
    Answered a(kStream, "text/event-stream", body, cut);
    CHECK(a.client.finished());
    const std::string rest = a.client.body();
    std::string last;
    int data = 0;
    for (std::size_t at = 0; at < rest.size();) {
      const std::size_t line_end = rest.find_first_of("\r\n", at);
      REQUIRE(line_end != std::string::npos);
      const std::string line = rest.substr(at, line_end - at);
      at = line_end + 1;
      if (line.empty()) CHECK(last.starts_with("data: "));  // else SDKs take it for an event without data
      last = line;
      if (line.empty() || line.front() == ':') continue;
      CHECK((line.starts_with("data: {") || line == "data: [DONE]"));
      ++data;
    }
    CHECK(data == 4);
  }
}

TEST_CASE("an event may be as large as 32 MiB unless it is configured otherwise", "[proxy][large]") {
  const std::string event = chunk(std::string(31 << 20, 'x'));
  Answered a(kStream, "text/event-stream", event + kFinish + kUsage + kDone, 1 << 20);
  CHECK(a.client.finished());
  CHECK(a.client.body() == event + kFinish + kDone);
}
