#include "operations/readings.h"

#include <random>

#include "operations/operations_bench.h"
#include "support/catch.h"
#include "support/forwarding_store.h"

using namespace gateway;
using namespace gateway::operations;
using namespace std::chrono_literals;

namespace {

// Counts what is read.
class CountingStore : public ForwardingStore {
 public:
  CountingStore() : ForwardingStore(memory_) {}
  Result<void> rows(const RowQuery& query, const std::function<bool(const Row&)>& each) override {
    return ForwardingStore::rows(query, [&](const Row& row) {
      ++rows_read;
      return each(row);
    });
  }
  Result<QuarterCosts> quarter_costs(const std::vector<std::string>& projects, WallTime since,
                                     WallTime until) override {
    ++histories_read;
    return ForwardingStore::quarter_costs(projects, since, until);
  }
  std::size_t rows_read = 0, histories_read = 0;

 private:
  gateway::testing::MemoryStore memory_;
};

struct ReadingsFixture {
  CountingStore store;
  WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 13h;
  std::mt19937 random{7};

  // An attempt that is accepted at that moment and takes as long.
  Row row(WallTime accepted, std::chrono::microseconds length) {
    Row made;
    std::uint64_t millis = static_cast<std::uint64_t>(accepted.time_since_epoch().count() / 1000);
    for (std::size_t i = 6; i-- > 0; millis >>= 8) made.request.bytes[i] = static_cast<std::uint8_t>(millis);
    for (std::size_t i = 8; i < 16; ++i) made.request.bytes[i] = static_cast<std::uint8_t>(random());
    made.state = random() % 7 == 0 ? RowState::failed : RowState::settled;
    if (made.state == RowState::failed) made.error_code = random() % 2 == 0 ? "provider_timeout" : "provider_error";
    made.project = "demo";
    made.provider = random() % 2 == 0 ? "own" : "other";
    made.target_model = random() % 3 == 0 ? "small" : "big";
    made.cost = Money::units(static_cast<std::int64_t>(random() % 1000));
    made.accepted = made.dispatched = accepted;
    made.first_byte = accepted + length / 2;
    made.ended = accepted + length;
    return made;
  }
  void put(const std::vector<Row>& rows) { REQUIRE(store.append({rows, {}})); }
};

void check_equal(const RecentHealth& a, const RecentHealth& b) {
  REQUIRE(a.targets.size() == b.targets.size());
  CHECK(a.is_complete == b.is_complete);
  for (std::size_t i = 0; i < a.targets.size(); ++i) {
    const TargetRecord &one = a.targets[i], &other = b.targets[i];
    CHECK(one.provider + "/" + one.model == other.provider + "/" + other.model);
    CHECK(one.last_success == other.last_success);
    CHECK(one.last_failure == other.last_failure);
    CHECK(one.last_error == other.last_error);
    for (std::size_t w = 0; w < kHealthWindows.size(); ++w) {
      const HealthWindow &left = one.windows[w], &right = other.windows[w];
      CHECK(left.attempts == right.attempts);
      CHECK(left.failed == right.failed);
      CHECK(left.codes == right.codes);
      CHECK(left.cost == right.cost);
      REQUIRE(left.duration.has_value() == right.duration.has_value());
      if (!left.duration) continue;
      CHECK(left.duration->p50 == right.duration->p50);
      CHECK(left.duration->p95 == right.duration->p95);
      CHECK(left.first_byte->p95 == right.first_byte->p95);
    }
  }
}

}  // namespace

TEST_CASE("attempts that were read as they came sum up to what all rows do", "[operations][readings]") {
  ReadingsFixture fixture;
  // A row in each minute of two days; those of the last nine minutes may be open still.
  std::vector<Row> open;
  RecentAttempts attempts(3000);
  WallTime at = fixture.now;
  for (int minute = 0; minute < 2 * 24 * 60; ++minute, at += 1min) {
    Row made = fixture.row(at, std::chrono::seconds(fixture.random() % 540));
    if (made.ended > at + 1min) {
      open.push_back(made);
      made.state = RowState::open;
    }
    std::vector<Row> rows{made};
    std::erase_if(open, [&](const Row& each) {
      if (each.ended > at) return false;
      rows.push_back(each);
      return true;
    });
    fixture.put(rows);
    if (fixture.random() % 4 != 0) continue;
    REQUIRE(attempts.read(fixture.store, at));
    if (minute % 50 == 0) check_equal(attempts.health(at), *recent_health(fixture.store, at, 3000));
  }
  REQUIRE(attempts.read(fixture.store, at));
  check_equal(attempts.health(at), *recent_health(fixture.store, at, 3000));
  CHECK(attempts.size() > 1000);
  fixture.store.rows_read = 0;
  REQUIRE(attempts.read(fixture.store, at + 1s));
  CHECK(fixture.store.rows_read < 30);  // and not the day's 1,440
}

TEST_CASE("a row that is closed later than it may be is found within minutes", "[operations][readings]") {
  ReadingsFixture fixture;
  Row late = fixture.row(fixture.now - 1h, 1s), open = late;
  open.state = RowState::open;
  fixture.put({open});
  RecentAttempts attempts;
  REQUIRE(attempts.read(fixture.store, fixture.now));
  CHECK(attempts.size() == 0);
  fixture.put({late});
  REQUIRE(attempts.read(fixture.store, fixture.now + 5min));
  CHECK(attempts.size() == 1);
}

TEST_CASE("no more attempts are remembered than are read at most", "[operations][readings]") {
  ReadingsFixture fixture;
  RecentAttempts attempts(10);
  for (int i = 0; i < 40; ++i, fixture.now += 20s) {
    fixture.put({fixture.row(fixture.now, 1s)});
    REQUIRE(attempts.read(fixture.store, fixture.now));
    CHECK(attempts.size() <= 10);
    check_equal(attempts.health(fixture.now), *recent_health(fixture.store, fixture.now, 10));
  }
}

TEST_CASE("many who ask for the health of many attempts share a reading", "[operations][readings]") {
  ReadingsFixture fixture;
  Readings readings;
  std::vector<Row> rows;
  for (int i = 0; i < 5000; ++i) rows.push_back(fixture.row(fixture.now - 24h + 15s + i * 17s, 1s));
  fixture.put(rows);
  const auto attempts = [&](WallTime at) {
    const auto found = readings.recent_health(fixture.store, at);
    REQUIRE(found);
    std::int64_t sum = 0;
    for (const TargetRecord& each : found->targets) sum += each.windows.back().attempts;
    return sum;
  };
  CHECK(attempts(fixture.now) == 5000);
  fixture.put({fixture.row(fixture.now, 1s)});
  fixture.store.rows_read = 0;
  CHECK(attempts(fixture.now + 1s) == 5000);
  CHECK(fixture.store.rows_read == 0);
  CHECK(attempts(fixture.now + 2s) == 5001);
}

TEST_CASE("the health of few attempts is that of the moment", "[operations][readings]") {
  ReadingsFixture fixture;
  Readings readings;
  for (std::int64_t i = 1; i < 20; ++i) {
    fixture.put({fixture.row(fixture.now, 1s)});
    std::int64_t sum = 0;
    for (const TargetRecord& each : readings.recent_health(fixture.store, fixture.now)->targets)
      sum += each.windows.back().attempts;
    CHECK(sum == i);
  }
}

TEST_CASE("a long history is read once for all that ask within a minute", "[operations][readings]") {
  ReadingsFixture fixture;
  Readings readings;
  std::vector<Row> rows;
  for (int i = 0; i < 2500; ++i) rows.push_back(fixture.row(fixture.now - 27 * 24h + i * 15min, 1s));
  fixture.put(rows);
  const auto quarters = [&](WallTime at) {
    const auto found = readings.forecast_history(fixture.store, {"demo"}, at);
    REQUIRE(found);
    return found->find("demo")->second.size();
  };
  CHECK(quarters(fixture.now) == 2500);
  CHECK(quarters(fixture.now + 59s) == 2500);
  CHECK(fixture.store.histories_read == 1);
  quarters(fixture.now + 60s);
  CHECK(fixture.store.histories_read == 2);
  quarters(fixture.now - 1s);  // another quarter
  CHECK(fixture.store.histories_read == 3);
  REQUIRE(readings.forecast_history(fixture.store, {"nobody"}, fixture.now - 1s));
  REQUIRE(readings.forecast_history(fixture.store, {"nobody"}, fixture.now - 1s));
  CHECK(fixture.store.histories_read == 5);
}
