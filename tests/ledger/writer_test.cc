#include "ledger/writer.h"

#include "gateway/testing/memory_store.h"
#include "support/catch.h"

namespace gateway {
namespace {

Row row_of(std::uint8_t n, RowState state) {
  Row row;
  row.request.bytes[15] = n;
  row.state = state;
  row.project = "demo";
  row.accepted = WallTime(std::chrono::hours(n));
  row.hold = Money::units(100);
  if (state != RowState::open) row.cost = Money::units(n);
  return row;
}

void attempt(Journal& journal, std::uint8_t n) {
  REQUIRE(journal.reserve());
  journal.open(row_of(n, RowState::open));
  journal.settle(row_of(n, RowState::settled));
}

TEST_CASE("an open record and its settlement become one row", "[ledger][writer]") {
  testing::MemoryStore store;
  const auto journal = Journal::in_memory(64, 1);
  LedgerWriter writer(store, {journal.get()});
  attempt(*journal, 1);
  REQUIRE(journal->reserve());
  journal->open(row_of(2, RowState::open));
  const auto drained = writer.drain(100);
  REQUIRE(drained);
  CHECK(drained->records == 3);
  CHECK(drained->rows == 2);
  CHECK_FALSE(drained->more);
  REQUIRE(drained->costs.size() == 1);
  CHECK(drained->costs[0].project.view() == "demo");
  CHECK(drained->costs[0].accepted == WallTime(std::chrono::hours(1)));
  CHECK(drained->costs[0].cost == Money::units(1));
  CHECK(journal->queued() == 0);
  CHECK(store.row(row_of(2, RowState::open).request)->state == RowState::open);

  journal->settle(row_of(2, RowState::failed));
  REQUIRE(writer.drain(100));
  CHECK(store.row(row_of(2, RowState::open).request)->state == RowState::failed);
  CHECK(store.all_rows().size() == 2);
}

TEST_CASE("what cannot be written stays in the journals and is written once", "[ledger][writer]") {
  testing::MemoryStore store;
  const auto one = Journal::in_memory(64, 1), two = Journal::in_memory(64, 1);
  LedgerWriter writer(store, {one.get(), two.get()});
  attempt(*one, 1);
  attempt(*two, 2);
  RefusalCount refusal;
  refusal.count = 3;
  REQUIRE(two->refused(refusal));
  store.fail_next(2);
  for (int i = 0; i < 2; ++i) {
    const auto failed = writer.drain(100);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == ErrorCode::unavailable);
    CHECK(one->queued() == 2);
    CHECK(two->queued() == 3);
  }
  const auto drained = writer.drain(100);
  REQUIRE(drained);
  CHECK(drained->records == 5);
  CHECK(store.all_rows().size() == 2);
  CHECK(store.all_refusals().size() == 1);
  CHECK(store.all_refusals()[0].count == 3);
  CHECK(writer.drain(100)->records == 0);
}

TEST_CASE("a batch is bounded and fair to all journals", "[ledger][writer]") {
  testing::MemoryStore store;
  const auto busy = Journal::in_memory(256, 1), calm = Journal::in_memory(64, 1);
  LedgerWriter writer(store, {busy.get(), calm.get()});
  for (std::uint8_t n = 1; n <= 100; ++n) attempt(*busy, n);
  attempt(*calm, 200);
  const auto first = writer.drain(20);
  REQUIRE(first);
  CHECK(first->records == 12);
  CHECK(first->more);
  CHECK(calm->queued() == 0);
  int batches = 1;
  while (writer.drain(20)->more) ++batches;
  CHECK(batches >= 18);
  CHECK(busy->queued() == 0);
  CHECK(store.all_rows().size() == 101);
  for (const Row& row : store.all_rows()) CHECK(row.state == RowState::settled);
}

TEST_CASE("an idle drain touches no store, a failing store loses nothing over any failure", "[ledger][writer]") {
  testing::MemoryStore store;
  const auto journal = Journal::in_memory(64, 1);
  LedgerWriter writer(store, {journal.get()});
  REQUIRE(writer.drain(10));
  CHECK(store.calls() == 0);
  for (std::size_t nth = 1; nth <= 6; ++nth) {
    store.fail_nth(nth);
    for (std::uint8_t n = 0; n < 5; ++n) {
      attempt(*journal, static_cast<std::uint8_t>(nth * 10 + n));
      (void)writer.drain(10).has_value();
    }
    REQUIRE(writer.drain(100));
    CHECK(journal->queued() == 0);
    CHECK(store.all_rows().size() == nth * 5);
  }
}

TEST_CASE("corrections are written but are no cost of a slice", "[ledger][writer]") {
  testing::MemoryStore store;
  const auto journal = Journal::in_memory(64, 1);
  LedgerWriter writer(store, {journal.get()});
  attempt(*journal, 1);
  Row correction = row_of(1, RowState::adjustment);
  correction.entry = 1;
  REQUIRE(journal->reserve());
  journal->open(row_of(2, RowState::open));
  journal->settle(correction);
  const auto drained = writer.drain(100);
  REQUIRE(drained);
  CHECK(drained->rows == 3);
  CHECK(drained->costs.size() == 1);
}

}  // namespace
}  // namespace gateway
