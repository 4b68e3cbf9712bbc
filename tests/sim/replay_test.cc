#include "gateway/replay.h"

#include "gateway/testing/policy_fixture.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::sim;
using namespace std::chrono_literals;
using gateway::testing::capped_project;
using gateway::testing::per_million;
using gateway::testing::route;
using gateway::testing::usd;

namespace {

constexpr WallTime kBegin = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20};

Config config_of(const std::vector<std::string>& targets, Prices prices = per_million("1", "2")) {
  Config config;
  for (const std::string name : {"first", "second"}) {
    ProviderConfig& provider = config.providers.emplace_back();
    provider.name = name;
    provider.base_url = "http://" + name + ".example/v1";
  }
  config.routes = {route("fast", targets, prices)};
  return config;
}

Row row_of(int number, std::uint16_t attempt = 1, std::string_view provider = "first") {
  Row row;
  row.accepted = kBegin + std::chrono::seconds(number);
  row.request.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  row.request.bytes[15] = static_cast<std::uint8_t>(number);
  row.attempt = attempt;
  row.state = RowState::settled;
  row.cost_source = CostSource::priced;
  row.status = 200;
  row.usage.input = 100;
  row.usage.output = 50;
  row.cost = usd("0.0002");
  row.dispatched = row.accepted;
  row.first_byte = row.accepted + 300ms;
  row.ended = row.accepted + 500ms;
  row.project = "demo";
  row.asked_model = "fast";
  row.target_model = "fast";
  row.provider = provider;
  return row;
}

Row failed_row(int number, std::int32_t status) {
  Row row = row_of(number);
  row.state = RowState::failed;
  row.status = status;
  row.error_code = "provider_error";
  row.usage = {};
  row.cost = {};
  return row;
}

}  // namespace

TEST_CASE("the same configuration gives the same routes and costs", "[sim][replay]") {
  Recording recording;
  for (int i = 0; i < 200; ++i) recording.add(row_of(i));
  CHECK(recording.requests() == 200);
  const Replayed replayed = replay(recording, config_of({"first", "second"}), {}).value();
  CHECK(replayed.requests == 200);
  CHECK(replayed.unchanged == 200);
  CHECK(replayed.answered_now == 200);
  CHECK(replayed.was == MoneySum(usd("0.04")));
  CHECK(replayed.now == MoneySum(usd("0.04")));
  CHECK(replayed.differences.empty());
  CHECK(replayed.first == kBegin);
  CHECK(replayed.last == kBegin + 199s);
}

TEST_CASE("another order of targets and another price are seen", "[sim][replay]") {
  Recording recording;
  for (int i = 0; i < 100; ++i) recording.add(row_of(i));
  const Replayed replayed = replay(recording, config_of({"second"}, per_million("2", "4")), {}).value();
  CHECK(replayed.unchanged == 0);
  CHECK(replayed.now == MoneySum(usd("0.04")));
  REQUIRE(replayed.differences.size() == 1);
  CHECK(replayed.differences[0].was == "first fast");
  CHECK(replayed.differences[0].now == "second fast");
  CHECK(replayed.differences[0].requests == 100);
  REQUIRE(replayed.models.size() == 1);
  CHECK(replayed.models[0].was == MoneySum(usd("0.02")));
  CHECK(replayed.models[0].now == MoneySum(usd("0.04")));
}

TEST_CASE("a new limit, and a model that is gone, refuse what was answered", "[sim][replay]") {
  Recording recording;
  for (int i = 0; i < 100; ++i) recording.add(row_of(i));
  Config config = config_of({"first"});
  std::string refusal;
  std::int64_t least = 1;
  SECTION("a limit of the configuration") {
    config.projects.emplace_back().name = "demo";
    config.projects[0].limits.requests_per_minute = 6;
    refusal = "429 rate_limit_exceeded", least = 70;
  }
  SECTION("a cap") {
    config.projects = {capped_project("demo", "0.005", Period::day)};
    refusal = "429 request_exceeds_budget", least = 60;
  }
  SECTION("no route") { config.routes[0].pattern = "slow", refusal = "404 model_not_found", least = 100; }
  const Replayed replayed = replay(recording, config, {}).value();
  CHECK(replayed.answered_before == 100);
  CHECK(replayed.answered_now <= 100 - least);
  std::int64_t refused = 0;
  for (const ReplayedRoute& each : replayed.differences) {
    INFO(each.now);
    CHECK(each.was == "first fast");
    refused += each.now == refusal ? each.requests : 0;
  }
  INFO(replayed.answered_now << (replayed.differences.empty() ? "" : replayed.differences[0].now));
  CHECK(refused >= least);
}

TEST_CASE("limits of stored projects hold too", "[sim][replay]") {
  Recording recording;
  for (int i = 0; i < 100; ++i) recording.add(row_of(i));
  ProjectConfig stored;
  stored.name = "demo";
  stored.limits.requests_per_minute = 6;
  CHECK(replay(recording, config_of({"first"}), {stored}).value().answered_now < 30);
}

TEST_CASE("a target fails as often as it was recorded to, and a second one answers then", "[sim][replay]") {
  Recording recording;
  for (int i = 0; i < 1000; ++i) recording.add(i % 10 == 0 ? failed_row(i, 500) : row_of(i));
  const Replayed alone = replay(recording, config_of({"first"}), {}).value();
  CHECK(alone.answered_before == 900);
  CHECK(alone.answered_now > 850);  // it is tried again
  const Replayed both = replay(recording, config_of({"first", "second"}), {}).value();
  CHECK(both.answered_now > 980);
  std::int64_t by_second = 0;
  for (const ReplayedRoute& each : both.differences) by_second += each.now == "second fast" ? each.requests : 0;
  CHECK(by_second > 50);
}

TEST_CASE("what cannot be played is left out and counted", "[sim][replay]") {
  Recording recording;
  Row open = row_of(1);
  open.state = RowState::open;
  recording.add(open);
  Row image = row_of(2);
  image.operation = Operation::images;
  recording.add(image);
  recording.add(row_of(3));
  recording.add(row_of(3, 2, "second"));
  Row adjustment = row_of(3, 2, "second");
  adjustment.entry = 1;
  adjustment.state = RowState::adjustment;
  recording.add(adjustment);
  CHECK(recording.requests() == 1);
  CHECK(recording.left_out() == 2);
  const Replayed replayed = replay(recording, config_of({"second"}), {}).value();
  CHECK(replayed.was == MoneySum(usd("0.0006")));  // both attempts, and the adjustment
  CHECK(replayed.unchanged == 1);                  // the second attempt answered
}

TEST_CASE("a configuration that cannot work is an error", "[sim][replay]") {
  Recording recording;
  recording.add(row_of(1));
  Config config = config_of({"third"});
  CHECK_FALSE(replay(recording, config, {}));
}
