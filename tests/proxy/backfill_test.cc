// What calls that were cut off really cost: asked for afterwards, also by the process that comes next.
#include <algorithm>

#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using std::chrono::seconds;

namespace {

Config openrouter_config() {
  Config config = test_config();
  config.providers[0].type = ProviderType::openrouter;
  config.providers[0].catalogue_every = seconds(0);
  config.routes[0].targets.resize(1);
  return config;
}

std::string told(const char* cost) {
  return std::string(R"({"data":{"id":"gen","model":"m-a","total_cost":)") + cost + "}}";
}

// A stream that its client leaves after the first words.
void cut_off(TestGateway& t, std::string_view generation) {
  FakeClient client;
  t.upstream.answer_next(
      Answer::stream({R"(data: {"id":")" + std::string(generation) +
                      "\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"some\"},\"finish_reason\":null}]}\n\n"}));
  auto exchange = t.ask(client, kStream);
  REQUIRE(t.upstream.run_one());  // the head
  REQUIRE(t.upstream.run_one());
  exchange.reset();
}

// Which generations have been asked about, in order.
std::vector<std::string> asked(TestGateway& t) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < t.upstream.calls(); ++i) {
    const std::string& path = t.upstream.call(i).request().path;
    if (const auto at = path.find("/generation?id="); at != std::string::npos) ids.push_back(path.substr(at + 15));
  }
  return ids;
}

bool logged(const std::vector<std::string>& lines, std::string_view text) {
  return std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.find(text) != line.npos; });
}

Row pending_row(const TestGateway& t, std::uint8_t number, std::chrono::hours ago = {}) {
  Row row;
  const WallTime accepted = t.timer.wall() - ago;
  auto rest =
      static_cast<std::uint64_t>(std::chrono::floor<std::chrono::milliseconds>(accepted.time_since_epoch()).count());
  for (std::size_t i = 6; i-- > 0; rest >>= 8) row.request.bytes[i] = static_cast<std::uint8_t>(rest & 0xff);
  row.request.bytes[15] = number;
  row.state = RowState::settled;
  row.cost_source = CostSource::estimated;
  row.flags = row_flag::backfill_pending | row_flag::client_left;
  row.process = 99;
  row.accepted = accepted;
  row.project = "demo";
  row.provider = "alpha";
  row.target_model = "m-a";
  row.generation_id = "gen-" + std::to_string(number);
  row.cost = Money::parse("0.001").value();
  return row;
}

void put(TestGateway& t, const Row& row) { REQUIRE(t.store.append({std::span(&row, 1), {}})); }

}  // namespace

TEST_CASE("ids that are never reported do not delay the next one", "[proxy][backfill]") {
  TestGateway t(openrouter_config());
  t.upstream.answer_all([](const SentRequest& request) {
    return request.path.ends_with("gen-told") ? Answer::json(200, told("0.0077")) : Answer::json(404, "{}");
  });
  for (const char* id : {"gen-a", "gen-b", "gen-c"}) cut_off(t, id);
  for (int k = 0; k < 20; ++k) t.timer.advance(seconds(1)), t.upstream.run();
  const std::size_t before = asked(t).size();
  CHECK(before > 3);
  cut_off(t, "gen-told");
  t.timer.advance(seconds(2));
  t.upstream.run();
  REQUIRE(asked(t).size() > before);
  CHECK(asked(t).back() == "gen-told");
  const std::vector<Row> rows = t.rows();
  REQUIRE(rows.size() == 5);
  CHECK(rows[4].state == RowState::adjustment);
  CHECK(rows[3].cost.plus(rows[4].cost) == Money::parse("0.0077").value());

  for (int k = 0; k < 200; ++k) t.timer.advance(seconds(1)), t.upstream.run();
  const auto ids = asked(t);
  for (const char* id : {"gen-a", "gen-b", "gen-c"}) {
    CHECK(std::count(ids.begin(), ids.end(), id) == 6);
    CHECK(logged(t.logs, std::string("left to reconciliation: the provider does not report it: alpha, ") + id));
  }
  t.gateway.reset();
  CHECK_FALSE(logged(t.logs, "from the next start on"));
}

TEST_CASE("what a key of one's own paid upstream is part of the cost that is queried", "[proxy][backfill]") {
  TestGateway t(openrouter_config());
  t.upstream.answer_all(
      Answer::json(200, R"({"data":{"id":"gen","total_cost":0.0005,"is_byok":true,"upstream_inference_cost":0.01}})"));
  cut_off(t, "gen-byok");
  t.timer.advance(seconds(2));
  t.upstream.run();
  const std::vector<Row> rows = t.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].cost.plus(rows[1].cost) == Money::parse("0.0105").value());
  CHECK(rows[1].upstream_cost == Money::parse("0.01").value());
  CHECK((rows[1].flags & row_flag::byok) != 0);
}

TEST_CASE("a gateway that ends reports how many costs it leaves to the next start", "[proxy][backfill]") {
  TestGateway t(openrouter_config());
  cut_off(t, "gen-a");
  cut_off(t, "gen-b");
  t.timer.advance(seconds(2));  // the first is being asked about
  t.gateway.reset();
  CHECK(logged(t.logs, "the costs of 2 calls that were cut off are still to be asked for, from the next start on"));
}

TEST_CASE("what an earlier process left is queried, once", "[proxy][backfill]") {
  TestGateway t(openrouter_config());
  t.upstream.answer_all(Answer::json(200, told("0.0077")));
  put(t, pending_row(t, 1));
  put(t, pending_row(t, 2, std::chrono::hours(71)));
  put(t, pending_row(t, 3, std::chrono::hours(73)));  // too old
  Row corrected = pending_row(t, 4);
  put(t, corrected);
  corrected.entry = 1;
  corrected.state = RowState::adjustment;
  corrected.flags = 0;
  put(t, corrected);
  Row own = pending_row(t, 5);
  own.process = 1;  // it is asking already
  put(t, own);
  Row nameless = pending_row(t, 6);
  nameless.generation_id = std::string_view();
  put(t, nameless);

  CHECK(t.core->resume_backfill(t.store, t.timer.wall()).value() == 2);
  for (int k = 0; k < 5; ++k) t.timer.advance(seconds(1)), t.upstream.run();
  CHECK(asked(t) == std::vector<std::string>{"gen-2", "gen-1"});
  std::vector<Row> booked = t.rows();
  std::erase_if(booked, [](const Row& row) { return row.entry != 1 || row.cost_source != CostSource::provider; });
  REQUIRE(booked.size() == 2);
  for (const Row& row : booked) {
    CHECK(row.cost == Money::parse("0.0067").value());
    CHECK(row.process == 1);
    CHECK(row.flags == 0);
  }
  CHECK(t.core->resume_backfill(t.store, t.timer.wall()).value() == 0);
}

TEST_CASE("a day whose difference to the bill was booked is not queried again", "[proxy][backfill]") {
  TestGateway t(openrouter_config());
  Row booked = pending_row(t, 1);
  put(t, booked);
  put(t, pending_row(t, 2));
  put(t, pending_row(t, 3, std::chrono::hours(24)));
  booked.entry = 1;
  booked.state = RowState::adjustment;
  booked.flags = 0;
  booked.error_code = "reconciled";
  put(t, booked);
  CHECK(t.core->resume_backfill(t.store, t.timer.wall()).value() == 1);
  t.timer.advance(seconds(2));
  CHECK(asked(t) == std::vector<std::string>{"gen-3"});
}

TEST_CASE("a cost of a provider that is no longer there is dropped", "[proxy][backfill]") {
  TestGateway t(openrouter_config());
  Row row = pending_row(t, 1);
  row.provider = "gone";
  put(t, row);
  put(t, pending_row(t, 2));
  CHECK(t.core->resume_backfill(t.store, t.timer.wall()).value() == 2);
  t.timer.advance(seconds(2));
  CHECK(logged(t.logs, "the provider is no longer there: gone, gen-1"));
  CHECK(asked(t) == std::vector<std::string>{"gen-2"});
}

TEST_CASE("the oldest are left out past the bound", "[proxy][backfill]") {
  TestGateway t(openrouter_config());
  for (int n = 0; n < 1030; ++n) {
    Row row = pending_row(t, static_cast<std::uint8_t>(n % 256));
    row.request.bytes[14] = static_cast<std::uint8_t>(n / 256);
    row.generation_id = "gen-" + std::to_string(n);
    put(t, row);
  }
  CHECK(t.core->resume_backfill(t.store, t.timer.wall()).value() == 1024);
  t.timer.advance(seconds(2));
  CHECK(asked(t) == std::vector<std::string>{"gen-6"});
}

TEST_CASE("corrections do not use up the room for requests", "[proxy][backfill]") {
  TestGateway t(openrouter_config());
  t.upstream.answer_all(Answer::json(200, told("0.0077")));
  for (int n = 0; n < 9; ++n) {
    for (int k = 0; k < 1000; ++k) {
      Row row = pending_row(t, static_cast<std::uint8_t>(k % 256));
      row.request.bytes[14] = static_cast<std::uint8_t>(k / 256);
      row.request.bytes[13] = static_cast<std::uint8_t>(n);
      put(t, row);
    }
    CHECK(t.core->resume_backfill(t.store, t.timer.wall()).value() == 1000);
    for (int k = 0; k < 1100; ++k) t.timer.advance(std::chrono::milliseconds(100)), t.upstream.run();
    t.pump();
  }
  CHECK(asked(t).size() == 9000);
  FakeClient client;
  t.upstream.answer_all(Answer::json(200, kAnswer));
  const auto exchange = t.ask(client, kChat);
  t.upstream.run();
  CHECK(client.status() == 200);
}
