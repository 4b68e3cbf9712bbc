#include "ledger/sweep.h"

#include "gateway/testing/memory_store.h"
#include "support/catch.h"

namespace gateway {
namespace {

constexpr WallTime kNow{std::chrono::hours(500'000)};
constexpr std::uint64_t kDead = 7, kAlive = 8;
const AccountKey kAccount{"demo", Period::total, WallTime::min(), WallTime::max()};

Row row_of(std::uint16_t n, RowState state, std::uint64_t process = kDead) {
  Row row;
  row.request.bytes[14] = static_cast<std::uint8_t>(n >> 8);
  row.request.bytes[15] = static_cast<std::uint8_t>(n);
  row.state = state;
  row.process = process;
  row.project = "demo";
  row.accepted = kNow - std::chrono::minutes(5);
  row.hold = Money::units(100);
  if (state == RowState::open) return row;
  row.cost = Money::units(30);
  row.cost_source = CostSource::provider;
  row.ended = kNow - std::chrono::minutes(4);
  return row;
}

// A process that died: some rows in the store, some only in its journal, some settled there.
Journal::Records records_of_the_dead() {
  Journal::Records records;
  records.rows = {row_of(2, RowState::settled), row_of(3, RowState::open), row_of(4, RowState::open),
                  row_of(4, RowState::settled)};
  records.damaged = 1;
  return records;
}

void fill(Store& store) {
  REQUIRE(store.lease(kDead, kAccount, Money::units(1000), Money::units(500)));
  REQUIRE(store.lease(kAlive, kAccount, Money::units(1000), Money::units(200)));
  const std::vector<Row> rows{row_of(1, RowState::open), row_of(2, RowState::open), row_of(9, RowState::open, kAlive)};
  REQUIRE(store.append({rows, {}}));
}

void check_swept(testing::MemoryStore& store) {
  const auto rows = store.all_rows();
  REQUIRE(rows.size() == 5);
  const RowState expected[] = {RowState::interrupted, RowState::settled, RowState::interrupted, RowState::settled,
                               RowState::open};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i].state == expected[i]);
    if (rows[i].state != RowState::interrupted) continue;
    CHECK(rows[i].cost == rows[i].hold);
    CHECK(rows[i].cost_source == CostSource::held);
    CHECK(rows[i].ended == kNow);
    CHECK(rows[i].process == kDead);
  }
  const AccountState state = store.account_now(kAlive, kAccount);
  CHECK(state.spent == MoneySum(Money::units(260)));
  CHECK(state.leased == MoneySum(Money::units(200)));
}

TEST_CASE("a dead process is cleared up after: replayed, closed at its holds, its slice free", "[ledger][sweep]") {
  testing::MemoryStore store;
  fill(store);
  const auto report = sweep_process(store, store, records_of_the_dead(), kDead, kNow);
  REQUIRE(report);
  CHECK(report->processes == 1);
  CHECK(report->replayed == 3);
  CHECK(report->closed == 2);
  CHECK(report->damaged == 1);
  CHECK(report->held == Money::units(200));
  check_swept(store);
}

TEST_CASE("a sweep interrupted at any call is done again, and nothing counts twice", "[ledger][sweep]") {
  for (std::size_t nth = 1; nth <= 6; ++nth) {
    testing::MemoryStore store;
    fill(store);
    store.fail_nth(nth);
    const bool failed = !sweep_process(store, store, records_of_the_dead(), kDead, kNow);
    CHECK(failed == (nth <= 5));
    store.fail_never();
    REQUIRE(sweep_process(store, store, records_of_the_dead(), kDead, kNow));
    check_swept(store);
  }
}

TEST_CASE("more records than one batch are replayed completely", "[ledger][sweep]") {
  testing::MemoryStore store;
  Journal::Records records;
  for (std::uint16_t n = 0; n < 2500; ++n) records.rows.push_back(row_of(n, RowState::settled));
  RefusalCount refusal;
  for (refusal.minute = 0; refusal.minute < 1500; ++refusal.minute) {
    refusal.count = 1;
    records.refusals.push_back(refusal);
  }
  const auto report = sweep_process(store, store, records, kDead, kNow);
  REQUIRE(report);
  CHECK(report->replayed == 2500);
  CHECK(store.all_rows().size() == 2500);
  CHECK(store.all_refusals().size() == 1500);
}

TEST_CASE("rows and slices without a journal are swept only of processes that are gone", "[ledger][sweep]") {
  testing::MemoryStore store;
  fill(store);
  REQUIRE(store.lease(6, kAccount, Money::units(1000), Money::units(50)));
  const auto report = sweep_lost(
      store, store, [](std::uint64_t process) { return process == kAlive; }, kNow);
  REQUIRE(report);
  CHECK(report->processes == 2);
  CHECK(report->closed == 2);
  CHECK(store.row(row_of(9, RowState::open).request)->state == RowState::open);
  CHECK(store.account_now(kAlive, kAccount).leased == MoneySum(Money::units(200)));
}

}  // namespace
}  // namespace gateway
