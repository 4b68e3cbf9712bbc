// Proving a ledger, and making it smaller.
#include "store/backend.h"

namespace gateway {
namespace {

using std::chrono::hours;

const WallTime kToday = std::chrono::floor<std::chrono::days>(kMorning);
const AccountKey kTotal{"red", Period::total, WallTime::min(), WallTime::max()};

// Of a day before today, in a millisecond of its own.
Row row_of(std::uint64_t n, RowState state, int days_ago) {
  Row row = state == RowState::open ? open_row(n) : settled_row(n);
  row.request = request_id(n, n);
  row.state = state;
  row.project = "red";
  row.accepted = kMorning - hours(24 * days_ago);
  return row;
}

std::vector<std::string> sums(Store& store) {
  std::vector<std::string> lines;
  const auto found = store.usage({.by = {UsageKey::day, UsageKey::project, UsageKey::state}});
  REQUIRE(found);
  for (const UsageSum& sum : *found) {
    std::string line;
    for (const std::string& part : sum.key) line += part + " ";
    lines.push_back(line + std::to_string(sum.attempts) + " " + std::to_string(sum.usage.output) + " " +
                    sum.cost.to_string() + " " + sum.held.to_string());
  }
  return lines;
}

TEST_CASE("a ledger in order is proved, an empty one too", "[store][verify]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  CHECK(store->verify()->findings == std::vector<std::string>{});
  Row correction = row_of(2, RowState::adjustment, 0);
  correction.entry = 1;
  correction.cost = Money::units(-5);
  REQUIRE(append(*store, {row_of(1, RowState::open, 0), row_of(2, RowState::settled, 1), correction}));
  REQUIRE(store->lease(7, kTotal, Money::dollars(1), Money::units(500)));
  const auto proof = store->verify();
  REQUIRE(proof);
  CHECK(proof->findings == std::vector<std::string>{});
  CHECK(proof->rows == 3);
  CHECK(proof->accounts == 1);
  CHECK_FALSE(proof->pruned_before);
}

TEST_CASE("rows that cannot be are found", "[store][verify]") {
  const BackendKind kind = each_kind();
  std::vector<Row> bad(5, row_of(1, RowState::settled, 0));
  bad[0].cost = Money::units(-1), bad[0].upstream_cost = Money::units(-1);
  bad[1].hold = Money::units(-1);
  bad[2].entry = 1;
  bad[3].state = RowState::adjustment;
  bad[4].state = RowState::adjustment, bad[4].entry = 1;  // of an attempt that is not there
  for (const Row& row : bad) {
    const auto store = make_backend(kind);
    const auto connection = store->open();
    REQUIRE(append(*connection, {row}));
    CHECK_FALSE(connection->verify()->findings.empty());
  }
}

TEST_CASE("a cost above its slice is no fault of the books", "[store][verify]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->lease(7, kTotal, Money::units(1000), Money::units(600)));
  REQUIRE(store->lease(8, kTotal, Money::units(1000), Money::units(400)));
  Row dear = row_of(1, RowState::settled, 0);
  dear.process = 7;
  dear.cost = Money::units(900);
  dear.upstream_cost = Money{};
  REQUIRE(append(*store, {dear}));
  CHECK(store->account(8, kTotal)->own == MoneySum(Money::units(400)));
  CHECK(store->verify()->findings == std::vector<std::string>{});
}

TEST_CASE("pruning deletes closed rows of past days, and no sum", "[store][prune]") {
  const auto backend = each_backend();
  const auto store = backend->open(), other = backend->open();
  std::vector<Row> rows{row_of(1, RowState::settled, 3), row_of(2, RowState::failed, 2), row_of(3, RowState::open, 2),
                        row_of(4, RowState::settled, 0)};
  REQUIRE(append(*store, rows));
  const MoneySum spent = store->account(7, kTotal)->spent;
  const auto before = sums(*store);
  CHECK(store->prune(kMorning, kMorning).error().code == ErrorCode::invalid);
  CHECK(store->prune(kToday + hours(24), kMorning).error().code == ErrorCode::invalid);
  CHECK(store->prune(kToday - hours(48), kMorning).value() == 1);
  CHECK(store->prune(kToday, kMorning).value() == 1);
  CHECK(store->prune(kToday - hours(24), kMorning).value() == 0);
  CHECK(all_rows(*other).size() == 2);
  CHECK(sums(*other) == before);
  CHECK(other->account(7, kTotal)->spent == spent);
  // Also that of an account which is asked for only now.
  CHECK(other->account(7, {"red", Period::day, kToday - hours(72), kToday - hours(48)})->spent ==
        MoneySum(rows[0].cost));
  const auto proof = other->verify();
  CHECK(proof->findings == std::vector<std::string>{});
  CHECK(proof->pruned_before == kToday);

  Row closed = rows[2];
  closed.state = RowState::interrupted;
  REQUIRE(append(*store, {closed}));
  CHECK(store->verify()->findings == std::vector<std::string>{});
  CHECK(store->prune(kToday, kMorning).value() == 1);
}

TEST_CASE("pruning deletes counts of refusals of these days", "[store][prune]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  RefusalCount refusal;
  refusal.project = "red";
  refusal.code = "rate_limit_exceeded";
  refusal.count = 3;
  for (const WallTime at : {kToday - hours(1), kToday}) {
    refusal.minute = std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count();
    REQUIRE(store->append({{}, std::span(&refusal, 1)}));
  }
  CHECK(total(*store).refused == 6);
  CHECK(store->prune(kToday, kMorning).value() == 0);
  CHECK(total(*store).refused == 3);
}

}  // namespace
}  // namespace gateway
