#include "gateway/testing/memory_store.h"

#include "support/catch.h"

using namespace gateway;
using gateway::testing::MemoryStore;
using namespace std::chrono_literals;

namespace {

const WallTime kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};
const AccountKey kTotal{"p", Period::total, WallTime::min(), WallTime::max()};
constexpr std::uint64_t kUs = 1;

Money dollars(int d) { return Money::dollars(d); }

Row row_of(std::uint8_t request, RowState state, Money cost = {}, std::uint16_t entry = 0) {
  Row row;
  row.request.bytes[15] = request;
  row.entry = entry;
  row.state = state;
  row.process = kUs;
  row.project = "p";
  row.key = "key_1";
  row.asked_model = "fast";
  row.provider = "sim";
  row.accepted = kNoon + std::chrono::minutes{request};
  row.hold = dollars(5);
  row.cost = cost;
  row.usage = {.input = 10, .cached_input = 0, .cache_write = 0, .output = 2, .reasoning = 0};
  return row;
}

void append(MemoryStore& store, std::vector<Row> rows) { REQUIRE(store.append({.rows = rows, .refusals = {}})); }

}  // namespace

TEST_CASE("an open row is replaced, any other stays as it is", "[testing][memory_store]") {
  MemoryStore store;
  append(store, {row_of(1, RowState::open)});
  append(store, {row_of(1, RowState::settled, dollars(2))});
  append(store, {row_of(1, RowState::open), row_of(1, RowState::failed, dollars(9))});
  REQUIRE(store.all_rows().size() == 1);
  CHECK(store.row({row_of(1, RowState::open).request})->state == RowState::settled);
  CHECK(store.account_now(kUs, kTotal).spent == MoneySum(dollars(2)));
  CHECK_FALSE(store.row(row_of(2, RowState::open).request));
}

TEST_CASE("usage sums by what is requested, refusals if they have it", "[testing][memory_store]") {
  MemoryStore store;
  Row retry = row_of(1, RowState::settled, dollars(2));
  retry.attempt = 2;
  append(store, {row_of(1, RowState::failed), retry, row_of(2, RowState::open),
                 row_of(3, RowState::adjustment, dollars(-1), 1)});
  RefusalCount refusal;
  refusal.minute = std::chrono::floor<std::chrono::minutes>(kNoon).time_since_epoch().count();
  refusal.project = "p";
  refusal.code = "rate_limit_exceeded";
  refusal.count = 3;
  REQUIRE(store.append({.rows = {}, .refusals = {&refusal, 1}}));
  REQUIRE(store.append({.rows = {}, .refusals = {&refusal, 1}}));
  CHECK(store.all_refusals().size() == 1);

  const auto all = store.usage({});
  REQUIRE(all->size() == 1);
  const UsageSum& sum = all->front();
  CHECK(sum.key.empty());
  CHECK(sum.requests == 2);
  CHECK(sum.attempts == 3);
  CHECK(sum.failed == 1);
  CHECK(sum.open == 1);
  CHECK(sum.refused == 6);
  CHECK(sum.usage.input == 30);
  CHECK(sum.cost == MoneySum(dollars(1)));
  CHECK(sum.held == MoneySum(dollars(5)));

  UsageQuery by_day;
  by_day.by = {UsageKey::day, UsageKey::project};
  CHECK(store.usage(by_day)->front().key == std::vector<std::string>{"2026-11-22", "p"});
  CHECK(store.usage(by_day)->front().refused == 6);
  UsageQuery by_provider;
  by_provider.by = {UsageKey::provider};
  REQUIRE(store.usage(by_provider)->size() == 1);
  CHECK(store.usage(by_provider)->front().refused == 0);
  UsageQuery later;
  later.since = kNoon + 15min;
  CHECK(store.usage(later)->front().attempts == 0);
  CHECK(store.usage(later)->front().refused == 0);
  UsageQuery touching;
  touching.since = kNoon + 14min;
  touching.until = kNoon + 14min + 1us;
  CHECK(store.usage(touching)->front().attempts == 3);
  CHECK(store.usage(touching)->front().refused == 6);
  UsageQuery nobody;
  nobody.project = "nobody";
  nobody.by = {UsageKey::day};
  CHECK(store.usage(nobody)->empty());
}

TEST_CASE("calls fail as scripted, and then change nothing", "[testing][memory_store]") {
  MemoryStore store;
  const std::vector<Row> rows{row_of(1, RowState::settled)};
  store.fail_next(2);
  CHECK(store.append({.rows = rows, .refusals = {}}).error().code == ErrorCode::unavailable);
  CHECK(store.all_rows().empty());
  CHECK_FALSE(store.usage({}).has_value());
  CHECK(store.append({.rows = rows, .refusals = {}}).has_value());
  CHECK(store.calls() == 3);
  store.fail_nth(2, ErrorCode::corrupt);
  CHECK(store.tenants_version().has_value());
  CHECK(store.tenants().error().code == ErrorCode::corrupt);
  CHECK(store.tenants().has_value());
  store.fail_always();
  for (int i = 0; i < 3; ++i) CHECK_FALSE(store.open_rows(0).has_value());
  store.fail_never();
  CHECK(store.open_rows(0).has_value());
}
