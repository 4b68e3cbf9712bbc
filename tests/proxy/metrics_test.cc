// Labels have bounds, whatever providers and projects are called and answer.
#include "proxy/metrics.h"

#include "proxy/shared_gateway.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++n;
  return n;
}

ExchangeRecord record_of(std::string_view project, std::string_view code, int status = 400) {
  ExchangeRecord record;
  record.project = project;
  record.provider = "alpha";
  record.error_code = code;
  record.status = status;
  return record;
}

std::string written(const Metrics& metrics) {
  std::string text;
  metrics.write(text);
  return text;
}

}  // namespace

TEST_CASE("providers' own codes are one label", "[proxy][metrics]") {
  SharedGateway t;
  for (int i = 0; i < 50; ++i) {
    const std::string code = "made-up-" + std::to_string(i);
    t.upstream.answer_next(Answer::json(400, R"({"error":{"message":"m","code":")" + code + R"("}})"));
    FakeClient client;
    CHECK(t.status_of(kTestKey, kChat, client) == 400);
    CHECK(client.body().find(code) != std::string::npos);
  }
  const std::string text = t.core->metrics(t.timer.now(), t.timer.wall());
  CHECK(count_of(text, "made-up") == 0);
  CHECK(count_of(text, R"(status="400",code="provider_code"} 50)") == 1);
}

TEST_CASE("one project's kinds do not push another's out, and `other` is a project as any", "[proxy][metrics]") {
  Metrics metrics(1);
  MeterShard& shard = metrics.shard(0);
  for (int i = 0; i < 3000; ++i) shard.add(record_of("demo", "", i), "m");
  for (int i = 0; i < 5; ++i) shard.add(record_of("other", "", 200), "m");
  const std::string text = written(metrics);
  CHECK(count_of(text, "gateway_exchanges_total{") <= 259);
  CHECK(text.find(R"(gateway_exchanges_total{project="demo",route="*",provider="*",status="0",code="*"} 2744)") !=
        text.npos);
  CHECK(text.find(R"(gateway_exchanges_total{project="other",route="m",provider="alpha",status="200",code=""} 5)") !=
        text.npos);
}

TEST_CASE("past the bound of all kinds the rest has a line that no project shares", "[proxy][metrics]") {
  Metrics metrics(1);
  MeterShard& shard = metrics.shard(0);
  for (int i = 0; i < 3000; ++i) shard.add(record_of("p" + std::to_string(i), "", 200), "m");
  shard.add(record_of("other", "", 200), "other");
  const std::string text = written(metrics);
  CHECK(count_of(text, "gateway_exchanges_total{") == 2049);
  CHECK(text.find(R"(gateway_exchanges_total{project="*",route="*",provider="*",status="0",code="*"} 953)") !=
        text.npos);
}

TEST_CASE("a calendar that jumps is in no histogram", "[proxy][metrics]") {
  for (const auto jump : {std::chrono::hours(-48), std::chrono::hours(48)}) {
    TestGateway t;
    FakeClient client;
    const auto exchange = t.ask(client, kChat);
    t.timer.set_wall(t.timer.wall() + jump);
    t.timer.advance(std::chrono::seconds(2));
    t.upstream.call(0).answer(Answer::json(200, kAnswer));
    const std::string text = t.core->metrics(t.timer.now(), t.timer.wall());
    CHECK(text.find("gateway_first_byte_seconds_sum{provider=\"alpha\"} 2\n") != text.npos);
    CHECK(text.find("gateway_first_byte_seconds_count{provider=\"alpha\"} 1\n") != text.npos);
  }
}
