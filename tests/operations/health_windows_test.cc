#include "operations/health_windows.h"

#include "operations/operations_bench.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::operations;
using namespace std::chrono_literals;

namespace {

struct Fixture : OperationsBench {
  int number = 0;

  // Rows are added in the order of their times: a request's id follows its time.
  Row row(std::chrono::minutes ago, std::chrono::milliseconds first_byte, std::string_view code = {}) {
    Row made;
    ++number;
    made.request.bytes[14] = static_cast<std::uint8_t>(number >> 8);
    made.request.bytes[15] = static_cast<std::uint8_t>(number);
    made.state = code.empty() ? RowState::settled : RowState::failed;
    made.error_code = code;
    made.provider = "own";
    made.target_model = "big";
    made.cost = Money::units(1);
    made.accepted = made.dispatched = now - ago;
    if (code.empty()) made.first_byte = made.dispatched + first_byte;
    made.ended = made.dispatched + 2 * first_byte;
    return made;
  }
  void add(const Row& made) {
    const std::vector<Row> rows{made};
    REQUIRE(store.append({rows, {}}));
  }
};

}  // namespace

TEST_CASE("a target's windows have its attempts, errors by code and percentiles", "[operations][health]") {
  Fixture fixture;
  fixture.add(fixture.row(25h, 1ms));  // too long ago
  fixture.add(fixture.row(3h, 5000ms));
  fixture.add(fixture.row(2h, 1ms, "provider_timeout"));
  for (int i = 1; i <= 20; ++i) fixture.add(fixture.row(30min, std::chrono::milliseconds(i)));
  fixture.add(fixture.row(4min, 1ms, "provider_rate_limited"));
  fixture.add(fixture.row(3min, 1ms, "provider_rate_limited"));
  fixture.add(fixture.row(2min, 100ms));
  Row other = fixture.row(1min, 7ms), open = fixture.row(1min, 7ms), adjustment = fixture.row(1min, 7ms);
  other.target_model = "small";
  open.state = RowState::open;
  adjustment.state = RowState::adjustment, adjustment.entry = 1;
  for (const Row& row : {other, open, adjustment}) fixture.add(row);

  const auto found = recent_health(fixture.store, fixture.now);
  REQUIRE(found);
  REQUIRE(found->targets.size() == 2);
  CHECK(found->is_complete == std::array<bool, 3>{true, true, true});
  const TargetRecord& big = found->targets[0];
  CHECK(big.provider == "own");
  CHECK(big.model == "big");
  const auto& [minutes, hour, day] = big.windows;
  CHECK(minutes.attempts == 3);
  CHECK(minutes.failed == 2);
  CHECK(minutes.codes.at("provider_rate_limited") == 2);
  CHECK(minutes.first_byte->p50 == 100ms);
  CHECK(minutes.duration->p95 == 200ms);
  CHECK(hour.attempts == 23);
  CHECK(hour.first_byte->p50 == 11ms);
  CHECK(hour.first_byte->p95 == 20ms);
  CHECK(day.attempts == 25);
  CHECK(day.failed == 3);
  CHECK(day.codes.size() == 2);
  CHECK(day.first_byte->p95 == 100ms);
  CHECK(day.cost == MoneySum(Money::units(25)));
  CHECK(big.last_success == fixture.now - 2min + 200ms);
  CHECK(big.last_failure == fixture.now - 3min + 2ms);
  CHECK(big.last_error == "provider_rate_limited");
  const TargetRecord& small = found->targets[1];
  CHECK(small.windows[0].attempts == 1);
  CHECK_FALSE(small.last_failure);
}

TEST_CASE("windows whose rows were not all read say so", "[operations][health]") {
  Fixture fixture;
  for (int i = 0; i < 10; ++i) fixture.add(fixture.row(5h, 1ms));
  for (int i = 0; i < 10; ++i) fixture.add(fixture.row(30min, 1ms));
  fixture.add(fixture.row(1min, 1ms));
  const auto read = [&](std::size_t max) { return *recent_health(fixture.store, fixture.now, max); };
  CHECK(read(1).is_complete == std::array<bool, 3>{true, false, false});
  CHECK(read(11).is_complete == std::array<bool, 3>{true, true, false});
  CHECK(read(21).is_complete == std::array<bool, 3>{true, true, true});
  CHECK(read(1).targets[0].windows[2].attempts == 1);
  gateway::testing::MemoryStore empty;
  CHECK(recent_health(empty, fixture.now)->targets.empty());
}
