#include <algorithm>
#include <random>

#include "gateway/testing/memory_store.h"
#include "store/backend.h"

namespace gateway {
namespace {

std::vector<std::uint64_t> numbers(const std::vector<Row>& rows) {
  std::vector<std::uint64_t> out;
  for (const Row& row : rows) out.push_back(row.request.bytes[15]);
  return out;
}

TEST_CASE("rows are chosen by every filter, in either order, up to a limit", "[store][rows]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  std::vector<Row> rows;
  for (std::uint64_t n = 1; n <= 9; ++n) rows.push_back(settled_row(n));
  rows.push_back(open_row(10));
  rows[1].provider = "local";
  rows[2].asked_model = "slow";
  rows[3].key = "key_000000000002";
  rows[4].flags = row_flag::over_hold | row_flag::byok;
  rows[5].status = 429, rows[5].error_code = "provider_rate_limited", rows[5].state = RowState::failed;
  rows[6].status = 503, rows[6].error_code = "provider_error", rows[6].state = RowState::failed;
  rows[7].cost = Money::units(5'000'000'000), rows[7].served_model = "fast-2";
  rows[8].ended = rows[8].accepted + std::chrono::seconds(9), rows[8].operation = Operation::embeddings;
  REQUIRE(append(*store, rows));

  using Numbers = std::vector<std::uint64_t>;
  const auto found = [&](RowQuery query) { return numbers(all_rows(*store, std::move(query))); };
  CHECK(found({.limit = 3}) == Numbers{10, 9, 8});
  CHECK(found({.newest_first = false, .limit = 3}) == Numbers{1, 2, 3});
  CHECK(found({.project = "blue"}) == Numbers{9, 6, 3});
  CHECK(found({.key = "key_000000000002"}) == Numbers{4});
  CHECK(found({.model = "slow"}) == Numbers{3});
  CHECK(found({.provider = "local"}) == Numbers{2});
  CHECK(found({.provider = "nobody"}) == Numbers{});
  CHECK(found({.state = RowState::open}) == Numbers{10});
  CHECK(found({.request = request_id(6)}) == Numbers{6});
  CHECK(found({.after = request_id(8)}) == Numbers{9, 10});
  CHECK(found({.before = RowName{request_id(3), 2, 0}}) == Numbers{3, 2, 1});
  CHECK(found({.before = RowName{request_id(3), 1, 0}, .limit = 1}) == Numbers{2});
  CHECK(found({.before = RowName{request_id(3), 1, 0}, .newest_first = false}) == Numbers{1, 2});
  CHECK(found({.since = rows[7].accepted}) == Numbers{10, 9, 8});
  CHECK(found({.until = rows[2].accepted}) == Numbers{2, 1});
  CHECK(found({.flags_any = row_flag::byok | row_flag::unpriced}) == Numbers{5});
  CHECK(found({.streamed = true}) == Numbers{10, 8, 6, 4, 2});
  CHECK(found({.limit = 3, .streamed = false}) == Numbers{9, 7, 5});
  CHECK(found({.project = std::vector<std::string>{"blue", "nobody"}}) == Numbers{9, 6, 3});
  CHECK(found({.model = std::vector<std::string>{"slow", "fast"}}).size() == 10);
  CHECK(found({.state = std::vector{RowState::open, RowState::failed}}) == Numbers{10, 7, 6});
  CHECK(found({.code = std::vector<std::string>{"provider_error", "provider_rate_limited"}}) == Numbers{7, 6});
  CHECK(found({.status = {{429, 429}}}) == Numbers{6});
  CHECK(found({.status = {{429, 429}, {500, 599}}}) == Numbers{7, 6});
  CHECK(found({.status = {{0, 99}}}) == Numbers{});
  CHECK(found({.min_cost = Money::units(5'000'000'000)}) == Numbers{8});
  CHECK(found({.min_duration = std::chrono::seconds(9)}) == Numbers{9});
  CHECK(found({.served_model = "fast-2"}) == Numbers{8});
  CHECK(found({.operation = Operation::embeddings}) == Numbers{10, 9, 5});
  CHECK(found({.project = "blue", .status = {{500, 599}}, .min_cost = Money{}}) == Numbers{});
}

TEST_CASE("rows are in the order of requests, wherever they lie", "[store][rows]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  testing::MemoryStore plain;
  std::mt19937_64 random(5);
  std::vector<Row> rows;
  for (std::uint64_t n = 1; n <= 1500; ++n) {
    Row row = settled_row(n);
    row.request = request_id(random(), n % 7 == 0 ? 1 : n / 100);
    row.attempt = static_cast<std::uint16_t>(1 + random() % 3);
    rows.push_back(row);
  }
  REQUIRE(append(*store, rows));
  REQUIRE(append(plain, rows));
  const auto same = [&](const RowQuery& query) {
    const auto found = all_rows(*store, query), expected = all_rows(plain, query);
    return std::equal(found.begin(), found.end(), expected.begin(), expected.end(), same_row);
  };
  CHECK(same({.limit = 0}));
  CHECK(same({.newest_first = false, .limit = 0}));
  for (int i = 0; i < 20; ++i) {
    const Row& some = rows[random() % rows.size()];
    const auto limit = static_cast<std::int64_t>(1 + random() % 400);
    INFO(limit);
    CHECK(same({.after = some.request, .limit = limit}));
    CHECK(same({.before = RowName{some.request, some.attempt, some.entry}, .limit = limit}));
    CHECK(same({.request = some.request}));
    CHECK(same({.project = "blue", .newest_first = false, .limit = limit}));
    CHECK(same({.since = some.accepted, .limit = limit}));
  }
}

TEST_CASE("reading rows stops on request, and rows may be appended meanwhile", "[store][rows]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(append(*store, {settled_row(1), settled_row(2), settled_row(3)}));
  int seen = 0;
  REQUIRE(store->rows({.newest_first = false}, [&](const Row& row) {
    ++seen;
    Row correction = row;
    correction.entry = 1;
    correction.state = RowState::adjustment;
    CHECK(append(*store, {correction}));
    CHECK(store->open_rows(0)->empty());
    return seen < 2;
  }));
  CHECK(seen == 2);
  CHECK(all_rows(*store).size() == 5);
}

// The same rows in a store that sums them one by one.
TEST_CASE("sums by any grouping and filter agree with a plain sum over rows", "[store][usage]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  testing::MemoryStore plain;
  std::vector<Row> rows;
  std::vector<RefusalCount> refusals;
  for (std::uint64_t n = 1; n <= 120; ++n) {
    Row row = n % 10 == 0 ? open_row(n) : settled_row(n);
    row.accepted = kMorning + std::chrono::minutes(37 * static_cast<int>(n));
    row.attempt = static_cast<std::uint16_t>(1 + n % 2);
    if (n % 7 == 0 && n % 10 != 0) row.state = RowState::failed, row.error_code = "provider_error";
    if (n % 11 == 0) row.asked_model = "slow";
    if (n % 13 == 0) row.provider = "local";
    rows.push_back(row);
  }
  for (int i = 0; i < 20; ++i) {
    RefusalCount refusal;
    refusal.minute = std::chrono::floor<std::chrono::minutes>(kMorning).time_since_epoch().count() + 53 * i;
    refusal.project = i % 2 ? "red" : "green";
    refusal.model = i % 3 ? "fast" : "";
    refusal.code = "rate_limit_exceeded";
    refusal.count = i + 1;
    refusals.push_back(refusal);
  }
  REQUIRE(store->append({rows, refusals}));
  REQUIRE(plain.append({rows, refusals}));

  std::vector<UsageQuery> queries;
  // An offset that is no whole hour, and one that changes among the rows.
  using std::chrono::floor, std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
  const Zone kathmandu{{{}, hours(5) + minutes(45)}};
  const Zone back{{{}, hours(2)}, {floor<seconds>(kMorning) + hours(26), hours(1)}};
  for (int key = 0; key <= static_cast<int>(UsageKey::month); ++key) {
    queries.push_back({.by = {static_cast<UsageKey>(key)}});
    queries.push_back({.by = {UsageKey::project, static_cast<UsageKey>(key)}});
    for (const Zone& zone : {kathmandu, back})
      queries.push_back({.by = {static_cast<UsageKey>(key), UsageKey::model}, .zone = zone});
  }
  queries.push_back({.project = std::vector<std::string>{"red", "nobody", "green"}, .by = {UsageKey::week}});
  queries.push_back({.code = "provider_error", .by = {UsageKey::model}});
  queries.push_back({.code = std::vector<std::string>{"provider_error", "rate_limit_exceeded"}});
  queries.push_back({.served_model = "gpt-4o-mini-2024-07-18", .by = {UsageKey::served_model}});
  queries.push_back({.operation = std::vector{Operation::chat, Operation::speech}, .by = {UsageKey::month}});
  queries.push_back({.operation = Operation::speech});
  queries.push_back({.by = {UsageKey::project, UsageKey::model, UsageKey::day}});
  queries.push_back({.project = "red", .by = {UsageKey::day}});
  queries.push_back({.key = "key_000000000001", .by = {UsageKey::model}});
  queries.push_back({.model = "slow", .by = {UsageKey::project}});
  queries.push_back({.provider = "local", .by = {UsageKey::hour}});
  queries.push_back({.project = "nobody"});
  queries.push_back({.since = kMorning + std::chrono::hours(20), .until = kMorning + std::chrono::hours(50)});
  queries.push_back({.until = WallTime::max(), .by = {UsageKey::state}});
  queries.push_back({});
  for (const UsageQuery& query : queries) {
    const auto sums = store->usage(query);
    const auto expected = plain.usage(query);
    REQUIRE(sums);
    REQUIRE(sums->size() == expected->size());
    for (std::size_t i = 0; i < sums->size(); ++i) {
      const UsageSum &a = (*sums)[i], &b = (*expected)[i];
      CHECK(a.key == b.key);
      CHECK(a.requests == b.requests);
      CHECK(a.attempts == b.attempts);
      CHECK(a.failed == b.failed);
      CHECK(a.open == b.open);
      CHECK(a.refused == b.refused);
      CHECK(a.usage == b.usage);
      CHECK(a.cost == b.cost);
      CHECK(a.upstream_cost == b.upstream_cost);
      CHECK(a.held == b.held);
      CHECK(a.last == b.last);
    }
  }
  const auto costs = store->quarter_costs({"red", "blue", "nobody"}, kMorning + hours(20), kMorning + hours(50));
  const auto expected = plain.quarter_costs({"red", "blue", "nobody"}, kMorning + hours(20), kMorning + hours(50));
  REQUIRE(costs);
  REQUIRE(expected);
  for (const char* project : {"red", "blue", "nobody"}) {
    INFO(project);
    const auto of = [&](const QuarterCosts& all) {
      std::vector<std::pair<WallTime, MoneySum>> quarters;
      const auto found = all.find(project);
      for (const QuarterCost& each : found == all.end() ? std::vector<QuarterCost>{} : found->second)
        quarters.emplace_back(each.start, each.cost);
      return quarters;
    };
    CHECK(of(*costs) == of(*expected));
    CHECK(of(*costs).empty() == (std::string_view(project) == "nobody"));
  }
}

TEST_CASE("times of a sum are rounded outwards to the quarter of an hour", "[store][usage]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(append(*store, {settled_row(1)}));
  using std::chrono::minutes;
  CHECK(total(*store, {.since = kMorning + minutes(14)}).attempts == 1);
  CHECK(total(*store, {.since = kMorning + minutes(15)}).attempts == 0);
  CHECK(total(*store, {.until = kMorning + minutes(1)}).attempts == 1);
  CHECK(total(*store, {.until = kMorning}).attempts == 0);
}

}  // namespace
}  // namespace gateway
