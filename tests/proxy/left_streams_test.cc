// What is billed if a client leaves before the provider has reported usage.
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

std::string delta(const std::string& members) {
  return R"(data: {"id":"gen-1","choices":[{"index":0,"delta":{)" + members + "},\"finish_reason\":null}]}\n\n";
}

// One stream of `events` such deltas that its client leaves; the status that the client saw.
int leave_after(TestGateway& t, const std::string& members, int events) {
  std::vector<std::string> pieces;
  for (int i = 0; i < events; ++i) pieces.push_back(delta(members));
  FakeClient client;
  t.upstream.answer_next(Answer::stream(std::move(pieces)));
  auto exchange = t.ask(client, kStream);
  if (client.has_head() && client.status() != 200) return client.status();
  t.upstream.run_one();  // the head
  for (int i = 0; i < events; ++i) t.upstream.run_one();
  exchange.reset();
  return 200;
}

}  // namespace

TEST_CASE("streams left by their clients cannot spend past a strict cap, whatever they carry", "[proxy][cost]") {
  const std::string members = GENERATE(
      as<std::string>{}, R"("content":"word ")", R"("content":"","reasoning":"word ")",
      R"("reasoning_content":"word ")", R"("reasoning_details":[{"type":"reasoning.text","text":"word "}])",
      R"("thinking":"word ")", R"("refusal":"word ")", R"("tool_calls":[{"index":0,"function":{"arguments":"word "}}])",
      R"("function_call":{"arguments":"word "})", R"("audio":{"id":"a","transcript":"word "})");
  INFO(members);
  Config config = test_config();
  config.projects[0].spend.caps = {{Money::parse("0.001").value(), Period::total, {}}};
  TestGateway t(config);
  constexpr int kEvents = 60;  // each a token: 0.00012 USD of output
  int served = 0, status = 200;
  for (int i = 0; i < 50 && status == 200; ++i) {
    t.pump();
    status = leave_after(t, members, kEvents);
    served += status == 200 ? 1 : 0;
  }
  CHECK(status == 429);
  CHECK(served * kEvents * 2 <= 1000);  // micro-dollars that the provider charges
  for (const Row& row : t.rows()) {
    CHECK(row.cost_source == CostSource::estimated);
    CHECK(row.usage.output >= kEvents);
    CHECK((row.flags & row_flag::usage_missing) != 0);
  }
}

TEST_CASE("an error after something was relayed is billed by what was relayed", "[proxy][cost]") {
  TestGateway t;
  FakeClient client;
  t.upstream.answer_next(Answer::stream({delta(R"("content":"","reasoning":"some thoughts of eight tokens...")"),
                                         "data: {\"error\":{\"message\":\"m\",\"code\":502}}\n\n"}));
  const auto exchange = t.ask(client, kStream);
  t.upstream.run();
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cost_source == CostSource::estimated);
  CHECK(rows[0].usage.output == 8);
  CHECK(rows[0].cost > Money{});
}
