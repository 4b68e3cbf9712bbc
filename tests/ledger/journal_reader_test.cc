#include "ledger/journal_reader.h"

#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "ledger/journal_header.h"
#include "ledger/journal_record.h"
#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kNow{std::chrono::hours(500'000)};

Row row_of(std::uint64_t n, RowState state, WallTime dispatched = kNow) {
  Row row;
  std::memcpy(row.request.bytes.data(), &n, sizeof n);
  row.state = state;
  row.dispatched = dispatched;
  if (state != RowState::open) row.cost = Money::units(static_cast<std::int64_t>(n));
  return row;
}

void open(Journal& journal, std::uint64_t n, WallTime dispatched = kNow) {
  REQUIRE(journal.reserve());
  journal.open(row_of(n, RowState::open, dispatched));
}

std::uint64_t number_of(const Row& row) {
  std::uint64_t n;
  std::memcpy(&n, row.request.bytes.data(), sizeof n);
  return n;
}

// Numbers of rows, those still open negative.
std::vector<std::int64_t> told(JournalReader& reader, const JournalReader::Leave& leave = {},
                               std::size_t limit = 1000) {
  Waiting records;
  reader.read(records, limit, leave);
  std::vector<std::int64_t> out;
  for (const Row& row : RowSequence(records.rows)) {
    const auto n = static_cast<std::int64_t>(number_of(row));
    out.push_back(row.state == RowState::open ? -n : n);
  }
  return out;
}

using Numbers = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a row is read once, as its last record says, and again until it is confirmed", "[ledger][journal]") {
  const auto journal = Journal::in_memory(64, 1);
  JournalReader reader(*journal);
  open(*journal, 1);
  open(*journal, 2);
  journal->settle(row_of(1, RowState::settled));
  for (int i = 0; i < 2; ++i) {
    CHECK(told(reader) == Numbers{1, -2});
    CHECK(journal->queued() == 3);
  }
  journal->settle(row_of(2, RowState::failed));
  CHECK(told(reader) == Numbers{1, 2});
  reader.confirm();
  CHECK(journal->queued() == 0);
  CHECK(told(reader).empty());
}

TEST_CASE("a young open row waits, and only it", "[ledger][journal]") {
  const auto journal = Journal::in_memory(64, 1);
  JournalReader reader(*journal);
  open(*journal, 1, kNow - 20ms);
  open(*journal, 2, kNow - 1ms);
  open(*journal, 3, kNow - 9ms);
  journal->settle(row_of(3, RowState::settled));
  CHECK(told(reader, {kNow, 6ms}) == Numbers{-1, 3});
  reader.confirm();
  CHECK(journal->confirmed() == 1);  // the place of the one that waits

  SECTION("until it is settled") {
    journal->settle(row_of(2, RowState::settled));
    CHECK(told(reader, {kNow, 6ms}) == Numbers{2});
  }
  SECTION("until it is no longer young") { CHECK(told(reader, {kNow + 5ms, 6ms}) == Numbers{-2}); }
  SECTION("not while the clock goes backwards") { CHECK(told(reader, {kNow - 1h, 6ms}) == Numbers{-2}); }
  SECTION("not once nobody has patience") { CHECK(told(reader) == Numbers{-2}); }
  reader.confirm();
  CHECK(journal->queued() == 0);
}

TEST_CASE("where a count of refusals lies, nothing waits: it must not be stored twice", "[ledger][journal]") {
  const auto journal = Journal::in_memory(64, 1);
  JournalReader reader(*journal);
  open(*journal, 1);
  REQUIRE(journal->refused({}));
  CHECK(told(reader, {kNow, 6ms}) == Numbers{-1});
  reader.confirm();
  CHECK(journal->queued() == 0);
}

TEST_CASE("a settlement that is not complete leaves its open row in place", "[ledger][journal]") {
  std::vector<std::byte> room(Journal::bytes_for(8) + 2 * kJournalPage);
  const std::size_t past = reinterpret_cast<std::uintptr_t>(room.data()) % kJournalPage;
  const auto memory = std::span(room).subspan(kJournalPage - past, Journal::bytes_for(8));
  const auto journal = Journal::format(memory, 1).value();
  JournalReader reader(*journal);
  open(*journal, 1);
  journal->settle(row_of(1, RowState::settled));
  memory[kJournalPage + kSlotSize + kSlotHeader + offsetof(Row, cost)] ^= std::byte{1};
  Waiting records;
  CHECK(reader.read(records, 10, {}) == 2);
  CHECK(records.damaged == 1);
  REQUIRE(records.rows.size() == 1);
  CHECK(records.rows.at(0).state == RowState::open);
}

// Whatever is appended, read, stored or not stored in between: what the store has and what a remaining journal would
// return are all there is, and a row that was closed is stored closed once.
TEST_CASE("nothing is lost and nothing closed is stored twice, at any patience", "[ledger][journal]") {
  std::mt19937 random(GENERATE(1U, 2U, 3U, 4U, 5U));
  const auto journal = Journal::in_memory(32, 1);
  JournalReader reader(*journal);
  std::map<std::uint64_t, RowState> truth, store;
  std::vector<std::uint64_t> under_way;
  std::uint64_t last = 0;
  WallTime now = kNow;
  for (int step = 0; step < 3000; ++step) {
    now += std::chrono::milliseconds(random() % 3);
    switch (random() % 4) {
      case 0:
      case 1:
        if (!journal->reserve()) break;
        journal->open(row_of(++last, RowState::open, now));
        truth[last] = RowState::open;
        under_way.push_back(last);
        break;
      case 2: {
        if (under_way.empty()) break;
        const std::size_t at = random() % under_way.size();
        journal->settle(row_of(under_way[at], RowState::settled, now));
        truth[under_way[at]] = RowState::settled;
        under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      }
      default: {
        Waiting records;
        reader.read(records, random() % 12, {now, std::chrono::milliseconds(random() % 8)});
        if (random() % 3 == 0) break;  // the store failed
        for (const Row& row : RowSequence(records.rows)) {
          const auto found = store.find(number_of(row));
          REQUIRE((found == store.end() || found->second == RowState::open));
          store[number_of(row)] = row.state;
        }
        reader.confirm();
        break;
      }
    }
    auto after_crash = store;
    Journal::Records waiting;
    journal->read(waiting, journal->capacity());
    for (const Row& row : waiting.rows) {
      auto& state = after_crash.try_emplace(number_of(row), RowState::open).first->second;
      if (state == RowState::open) state = row.state;
    }
    REQUIRE(after_crash == truth);
  }
}
