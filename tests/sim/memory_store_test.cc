#include "gateway/testing/memory_store.h"

#include "support/catch.h"

using namespace gateway;
using gateway::testing::MemoryStore;
using namespace std::chrono_literals;

namespace {

const WallTime kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};
const AccountKey kTotal{"p", Period::total, WallTime::min(), WallTime::max()};
constexpr std::uint64_t kUs = 1, kOther = 2;

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

std::vector<int> found(MemoryStore& store, const RowQuery& query) {
  std::vector<int> requests;
  REQUIRE(store.rows(query, [&](const Row& row) { return requests.push_back(row.request.bytes[15]), true; }));
  return requests;
}

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

TEST_CASE("slices never add up to more than what is left under the cap", "[testing][memory_store]") {
  MemoryStore store;
  append(store, {row_of(1, RowState::settled, dollars(3))});
  CHECK(*store.lease(kUs, kTotal, dollars(10), dollars(4)) == dollars(4));
  CHECK(*store.lease(kOther, kTotal, dollars(10), dollars(4)) == dollars(3));
  CHECK(*store.lease(kUs, kTotal, dollars(10), dollars(1)) == Money());
  CHECK(*store.lease(kUs, kTotal, dollars(10), dollars(-1)) == dollars(-1));
  CHECK(*store.lease(kOther, kTotal, dollars(10), dollars(-9)) == dollars(-3));
  CHECK(*store.lease(kUs, kTotal, dollars(5), dollars(1)) == Money());  // the cap was lowered
  const auto state = store.account(kUs, kTotal);
  CHECK(state->spent == MoneySum(dollars(3)));
  CHECK(state->leased == MoneySum(dollars(3)));
  CHECK(state->own == MoneySum(dollars(3)));
  CHECK(state->processes == 1);
  CHECK(store.account(kOther, kTotal)->processes == 2);
  CHECK(*store.lease_holders() == std::vector<std::uint64_t>{kUs});
  CHECK(*store.lease(kOther, kTotal, dollars(5), dollars(1)) == Money());
  CHECK(store.account(kUs, kTotal)->processes == 2);  // it wants a slice, though there was none
  REQUIRE(store.release_leases(kUs));
  CHECK(store.account(kUs, kTotal)->leased == MoneySum());
}

TEST_CASE("a closed row's cost moves from its process's slice to what was spent", "[testing][memory_store]") {
  MemoryStore store;
  REQUIRE(*store.lease(kUs, kTotal, dollars(20), dollars(10)) == dollars(10));
  REQUIRE(*store.lease(kOther, kTotal, dollars(20), dollars(4)) == dollars(4));
  append(store, {row_of(1, RowState::open)});
  CHECK(store.account(kUs, kTotal)->own == MoneySum(dollars(10)));
  append(store, {row_of(1, RowState::settled, dollars(3))});
  CHECK(store.account(kUs, kTotal)->own == MoneySum(dollars(7)));
  CHECK(store.account(kOther, kTotal)->own == MoneySum(dollars(4)));
  append(store, {row_of(2, RowState::settled, dollars(8))});  // over the slice
  CHECK(store.account(kUs, kTotal)->own == MoneySum());
  CHECK(store.account(kUs, kTotal)->spent == MoneySum(dollars(11)));
}

TEST_CASE("an adjustment changes what was spent and leaves slices alone", "[testing][memory_store]") {
  MemoryStore store;
  REQUIRE(*store.lease(kUs, kTotal, dollars(20), dollars(10)) == dollars(10));
  append(store, {row_of(1, RowState::settled, dollars(3)), row_of(1, RowState::adjustment, dollars(-1), 1)});
  CHECK(store.account(kUs, kTotal)->spent == MoneySum(dollars(2)));
  CHECK(store.account(kUs, kTotal)->own == MoneySum(dollars(7)));
}

TEST_CASE("an account counts the rows of its own project and period", "[testing][memory_store]") {
  MemoryStore store;
  const AccountKey first_minutes{"p", Period::day, kNoon, kNoon + 15min};
  append(store, {row_of(0, RowState::settled, dollars(1)), row_of(1, RowState::settled, dollars(2))});
  CHECK(store.account(kUs, first_minutes)->spent == MoneySum(dollars(3)));
  append(store, {row_of(15, RowState::settled, dollars(4)), row_of(3, RowState::open)});
  Row elsewhere = row_of(1, RowState::settled, dollars(8), 0);
  elsewhere.attempt = 2;
  elsewhere.project = "q";
  append(store, {elsewhere});
  CHECK(store.account(kUs, first_minutes)->spent == MoneySum(dollars(3)));
}

TEST_CASE("usage sums by what is asked, refusals where they know it", "[testing][memory_store]") {
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

TEST_CASE("rows are found by filter, in order, up to a limit", "[testing][memory_store]") {
  MemoryStore store;
  Row flagged = row_of(3, RowState::settled);
  flagged.flags = row_flag::client_left;
  append(store, {row_of(1, RowState::settled), row_of(2, RowState::open), flagged});
  CHECK(found(store, {}) == std::vector<int>{3, 2, 1});
  CHECK(found(store, {.newest_first = false, .limit = 2}) == std::vector<int>{1, 2});
  CHECK(found(store, {.state = RowState::open}) == std::vector<int>{2});
  CHECK(found(store, {.after = row_of(1, RowState::open).request}) == std::vector<int>{2, 3});
  CHECK(found(store, {.request = row_of(1, RowState::open).request}) == std::vector<int>{1});
  CHECK(found(store, {.since = kNoon + 2min, .until = kNoon + 3min}) == std::vector<int>{2});
  CHECK(found(store, {.flags_any = row_flag::client_left | row_flag::usage_odd}) == std::vector<int>{3});
  CHECK(found(store, {.provider = "none"}).empty());
  int seen = 0;
  REQUIRE(store.rows({}, [&](const Row&) { return ++seen < 2; }));
  CHECK(seen == 2);
  CHECK(store.open_rows(kUs)->size() == 1);
  CHECK(store.open_rows(0)->size() == 1);
  CHECK(store.open_rows(kOther)->empty());
}

TEST_CASE("projects and keys change the version", "[testing][memory_store]") {
  MemoryStore store;
  std::uint64_t version = *store.tenants_version();
  const auto changed = [&] {
    const std::uint64_t before = std::exchange(version, *store.tenants_version());
    return version != before;
  };
  ProjectConfig project;
  project.name = "p";
  ApiKey key;
  key.id = "key_1";
  key.project = "p";
  REQUIRE(store.put_project(project, nullptr));
  CHECK(changed());
  CHECK(store.put_project(project, nullptr).error().code == ErrorCode::exists);
  CHECK_FALSE(changed());
  const ProjectConfig before = project;
  project.models = {"m"};
  REQUIRE(store.put_project(project, &before));
  CHECK(store.put_project(project, &before).error().code == ErrorCode::conflict);
  REQUIRE(store.put_key(key));
  CHECK(changed());
  ApiKey same_text = key;
  same_text.id = "key_2";
  CHECK(store.put_key(same_text).error().code == ErrorCode::exists);
  CHECK(store.put_key(key).error().code == ErrorCode::exists);
  ApiKey stray = same_text;
  stray.hash = {7};
  stray.project = "q";
  CHECK(store.put_key(stray, true).error().code == ErrorCode::not_found);
  CHECK(store.rotate_key("key_1", same_text, key.created, key.created).error().code == ErrorCode::exists);
  CHECK(store.end_key("key_9", key.created, key.created).error().code == ErrorCode::not_found);
  CHECK(store.tenants()->projects.size() == 1);
  CHECK_FALSE(store.tenants()->keys.at(0).revoked);
  CHECK(store.delete_project("q").error().code == ErrorCode::not_found);
  REQUIRE(store.delete_project("p"));
  CHECK(changed());
  CHECK(store.tenants()->projects.empty());
  CHECK(store.tenants()->keys.at(0).revoked);
}

TEST_CASE("calls fail as they are told, and then change nothing", "[testing][memory_store]") {
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
