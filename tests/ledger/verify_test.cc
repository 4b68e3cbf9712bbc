#include "ledger/verify.h"

#include "gateway/testing/memory_store.h"
#include "support/catch.h"
#include "support/forwarding_store.h"

namespace gateway {
namespace {

constexpr WallTime kDay{std::chrono::hours(24 * 20'000)};

Row row_of(std::uint8_t n, RowState state = RowState::settled) {
  Row row;
  row.request.bytes[15] = n;
  row.state = state;
  row.project = n % 2 == 0 ? "red" : "blue";
  row.asked_model = "fast";
  row.accepted = kDay + std::chrono::hours(n);
  row.hold = Money::units(100);
  if (state != RowState::open) row.cost = Money::units(n), row.cost_source = CostSource::priced;
  return row;
}

std::vector<std::string> findings(Store& store, const VerifyOptions& options = {}) {
  auto found = verify_store(store, options);
  REQUIRE(found);
  return *found;
}

TEST_CASE("a store in order is proved", "[ledger][verify]") {
  testing::MemoryStore store;
  Row correction = row_of(4, RowState::adjustment);
  correction.entry = 1;
  correction.cost = Money::units(-3);
  const std::vector<Row> rows{row_of(1), row_of(2, RowState::open), row_of(3, RowState::failed), row_of(4), correction};
  REQUIRE(store.append({rows, {}}));
  CHECK(findings(store) == std::vector<std::string>{});
  CHECK(findings(store, {.rows_since = kDay + std::chrono::hours(4)}) == std::vector<std::string>{});
}

TEST_CASE("each row that cannot be is found", "[ledger][verify]") {
  std::vector<Row> bad(9, row_of(1));
  bad[0].attempt = 0;
  bad[1].cost = Money::units(-1);
  bad[2].hold = Money::units(-1);
  bad[3].usage.output = -1;
  bad[4].state = RowState::open;
  bad[5].entry = 1;
  bad[6].state = RowState::adjustment;
  bad[7].state = RowState::interrupted, bad[7].cost_source = CostSource::held;
  bad[8].state = static_cast<RowState>(9);
  for (const Row& row : bad) {
    CHECK_FALSE(fault_of(row).empty());
    testing::MemoryStore store;
    REQUIRE(store.append({std::span(&row, 1), {}}));
    CHECK_FALSE(findings(store).empty());
  }
  CHECK(fault_of(row_of(1)).empty());
}

TEST_CASE("an adjustment without its attempt is found, unless that was pruned", "[ledger][verify]") {
  testing::MemoryStore store;
  Row correction = row_of(4, RowState::adjustment);
  correction.entry = 1;
  REQUIRE(store.append({std::span(&correction, 1), {}}));
  REQUIRE(findings(store).size() == 1);
  CHECK(findings(store)[0].find("adjusts an attempt") != std::string::npos);
  CHECK(findings(store, {.rows_since = kDay + std::chrono::hours(5)}).empty());
}

// Tells sums of its own.
class Liar final : public ForwardingStore {
 public:
  Liar() : ForwardingStore(memory) {}
  testing::MemoryStore memory;
  std::size_t lies = 1;
  Result<std::vector<UsageSum>> usage(const UsageQuery& query) override {
    auto sums = memory.usage(query);
    if (sums && lies == 1 && query.by[0] == UsageKey::project) (*sums)[0].cost += Money::units(1);
    if (sums && lies == 2 && query.by[0] == UsageKey::provider) sums->clear();
    if (sums && lies == 3 && query.by[0] == UsageKey::day) ++(*sums)[0].attempts;
    return sums;
  }
  Result<void> rows(const RowQuery& query, const std::function<bool(const Row&)>& each) override {
    if (lies == 4) return Error{ErrorCode::unavailable, "not now"};
    return memory.rows(query, [&](const Row& row) { return each(row) && (lies != 5 || each(row)); });
  }
};

TEST_CASE("sums that are not the rows' are found, in whichever grouping; so are rows reported twice",
          "[ledger][verify]") {
  Liar store;
  const std::vector<Row> rows{row_of(1), row_of(2)};
  REQUIRE(store.append({rows, {}}));
  for (const std::size_t lie : {1U, 2U, 3U, 5U}) {
    store.lies = lie;
    CHECK_FALSE(findings(store).empty());
  }
  store.lies = 0;
  CHECK(findings(store).empty());
  store.lies = 4;
  CHECK(verify_store(store).error().code == ErrorCode::unavailable);
}

}  // namespace
}  // namespace gateway
