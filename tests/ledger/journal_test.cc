#include "gateway/journal.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>
#include <thread>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/journal_header.h"
#include "ledger/journal_record.h"
#include "support/catch.h"

using namespace gateway;

namespace {

constexpr std::uint64_t kProcess = 42;

// Page-aligned memory that survives a fork, as a mapped file does.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t capacity) : size_(Journal::bytes_for(capacity)) {
    memory_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory_ != MAP_FAILED);
  }
  ~SharedMemory() { munmap(memory_, size_); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  std::span<std::byte> bytes() const { return {static_cast<std::byte*>(memory_), size_}; }

 private:
  std::size_t size_;
  void* memory_;
};

// The n-th row: its number is all over it, so that bytes of another would show.
Row row_of(std::uint64_t n, RowState state = RowState::open) {
  Row row;
  std::memcpy(row.request.bytes.data(), &n, sizeof n);
  row.state = state;
  row.process = kProcess;
  row.usage.input = static_cast<std::int64_t>(n);
  row.cost = Money::units(static_cast<std::int64_t>(n * 3));
  row.project = std::to_string(n);
  row.price_version = std::to_string(n * 7);
  return row;
}

std::uint64_t number_of(const Row& row) {
  std::uint64_t n;
  std::memcpy(&n, row.request.bytes.data(), sizeof n);
  const bool whole = row.usage.input == static_cast<std::int64_t>(n) && row.project.view() == std::to_string(n) &&
                     row.price_version.view() == std::to_string(n * 7);
  return whole ? n : ~std::uint64_t{0};
}

RefusalCount refusal_of(std::int64_t n) {
  RefusalCount refusal;
  refusal.minute = refusal.count = n;
  refusal.project = "p";
  refusal.model = "m";
  refusal.code = "c";
  return refusal;
}

// Appends one row outside any reservation's business.
void append(Journal& journal, std::uint64_t n) {
  REQUIRE(journal.reserve());
  journal.open(row_of(n));
}

std::vector<std::uint64_t> numbers(const Journal::Records& records) {
  std::vector<std::uint64_t> all;
  for (const Row& row : records.rows) all.push_back(number_of(row));
  return all;
}

std::vector<std::uint64_t> range(std::uint64_t begin, std::uint64_t end) {
  std::vector<std::uint64_t> all;
  for (; begin < end; ++begin) all.push_back(begin);
  return all;
}

std::size_t slot_begin(std::size_t index) { return kJournalPage + index * kSlotSize; }

// A ring of 8 or a few more slots whose records first..first+count-1 wait.
struct Filled {
  Filled(std::uint64_t first, std::uint64_t count) : memory(8) {
    auto journal = Journal::format(memory.bytes(), kProcess).value();
    capacity = journal->capacity();
    for (std::uint64_t n = 0; n < first + count; ++n) {
      REQUIRE(journal->reserve());
      journal->open(row_of(2 * n));
      journal->settle(row_of(2 * n + 1, RowState::settled));
      if (n < first) journal->confirm(journal->appended());
    }
  }
  std::vector<std::byte> copy() const { return {memory.bytes().begin(), memory.bytes().end()}; }
  SharedMemory memory;
  std::size_t capacity = 0;
};

}  // namespace

TEST_CASE("records come out as they went in, and stay until they are confirmed", "[ledger][journal]") {
  const auto journal = Journal::in_memory(16, kProcess);
  CHECK(journal->capacity() >= 16);
  REQUIRE(journal->reserve());
  journal->open(row_of(1));
  journal->settle(row_of(2, RowState::settled));
  REQUIRE(journal->refused(refusal_of(3)));
  CHECK(journal->queued() == 3);
  CHECK(journal->appended() == 3);

  Journal::Records records;
  for (int i = 0; i < 2; ++i) {
    records = {};
    journal->read(records, 100);
    CHECK(numbers(records) == std::vector<std::uint64_t>{1, 2});
    CHECK(records.rows[1].state == RowState::settled);
    REQUIRE(records.refusals.size() == 1);
    CHECK(records.refusals[0].count == 3);
    CHECK(records.refusals[0].model.view() == "m");
    CHECK(records.damaged == 0);
    CHECK(records.end == 3);
  }
  records = {};
  journal->read(records, 1);
  CHECK(numbers(records) == std::vector<std::uint64_t>{1});
  journal->confirm(records.end);
  CHECK(journal->confirmed() == 1);
  CHECK(journal->queued() == 2);
  records = {};
  journal->read(records, 100);
  CHECK(numbers(records) == std::vector<std::uint64_t>{2});
  journal->confirm(records.end);
  journal->confirm(1);  // an older end changes nothing
  CHECK(journal->queued() == 0);
  records = {};
  journal->read(records, 100);
  CHECK(records.rows.empty());
  CHECK(records.end == 3);
}

TEST_CASE("a full ring refuses new work, never a settlement", "[ledger][journal]") {
  const auto journal = Journal::in_memory(16, kProcess);
  std::uint64_t open = 0;
  while (journal->reserve()) journal->open(row_of(open++));
  CHECK(open == journal->capacity() / 2);
  CHECK_FALSE(journal->refused(refusal_of(1)));
  for (std::uint64_t n = 0; n < open; ++n) {
    CHECK_FALSE(journal->reserve());
    journal->settle(row_of(open + n, RowState::settled));
  }
  Journal::Records records;
  journal->read(records, 1000);
  CHECK(numbers(records) == range(0, 2 * open));

  const std::uint64_t spare = journal->capacity() - 2 * open;
  journal->confirm(1 - spare);
  CHECK_FALSE(journal->reserve());
  journal->confirm(2 - spare);
  CHECK(journal->reserve());
  CHECK_FALSE(journal->reserve());
}

TEST_CASE("counts of refusals leave a quarter of the ring to rows", "[ledger][journal]") {
  const auto journal = Journal::in_memory(64, kProcess);
  std::size_t taken = 0;
  while (journal->refused(refusal_of(1))) ++taken;
  CHECK(taken == journal->capacity() - journal->capacity() / 4);
  CHECK(journal->reserve());
}

TEST_CASE("the ring goes round any number of times", "[ledger][journal]") {
  std::mt19937_64 random(1);
  const auto journal = Journal::in_memory(10, kProcess);
  std::deque<std::uint64_t> want;
  std::uint64_t next = 0, unsettled = 0;
  Journal::Records records;
  for (int step = 0; step < 20'000; ++step) {
    switch (random() % 3) {
      case 0:
        if (journal->reserve()) {
          journal->open(row_of(next));
          want.push_back(next++);
          ++unsettled;
        }
        break;
      case 1:
        if (unsettled > 0) {
          journal->settle(row_of(next, RowState::settled));
          want.push_back(next++);
          --unsettled;
        }
        break;
      default: {
        records = {};
        journal->read(records, random() % 8);
        REQUIRE(records.damaged == 0);
        REQUIRE(records.rows.size() <= want.size());
        for (const Row& row : records.rows) {
          REQUIRE(number_of(row) == want.front());
          want.pop_front();
        }
        journal->confirm(records.end);
      }
    }
    REQUIRE(journal->queued() == want.size());
    REQUIRE(journal->queued() + unsettled <= journal->capacity());
  }
  CHECK(next > 1000);
}

TEST_CASE("recovery returns what was not confirmed, in order, on any lap", "[ledger][journal]") {
  for (std::uint64_t first = 0; first < 20; ++first) {
    for (std::uint64_t count = 0; count <= 4; ++count) {
      const Filled filled(first, count);
      const auto records = Journal::recover(filled.memory.bytes());
      REQUIRE(records.has_value());
      CHECK(numbers(*records) == range(2 * first, 2 * (first + count)));
      CHECK(records->damaged == 0);
      CHECK(records->end == 2 * (first + count));
      CHECK(Journal::process_of(filled.memory.bytes()).value() == kProcess);
    }
  }
}

TEST_CASE("recovery from memory truncated at every record boundary returns the records before the end",
          "[ledger][journal]") {
  const Filled filled(0, 4);
  const auto bytes = filled.copy();
  for (std::size_t kept = 0; kept < filled.capacity; ++kept) {
    for (const std::size_t more : {std::size_t{0}, std::size_t{1}, kSlotSize - 1}) {
      const auto records = Journal::recover(std::span(bytes).first(slot_begin(kept) + more));
      REQUIRE(records.has_value());
      CHECK(numbers(*records) == range(0, std::min<std::uint64_t>(kept, 8)));
      CHECK(records->damaged >= 1);
    }
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kJournalPage - 1}) {
    CHECK(Journal::recover(std::span(bytes).first(size)).error().code == ErrorCode::corrupt);
  }
}

TEST_CASE("any damaged byte of a record costs that record alone, and is counted", "[ledger][journal]") {
  for (const std::uint64_t first : {0U, 7U}) {
    const Filled filled(first, 4);
    auto bytes = filled.copy();
    const std::uint64_t begin = 2 * first, end = begin + 8;
    for (std::uint64_t victim = begin; victim < end; ++victim) {
      const std::size_t slot = slot_begin(victim % filled.capacity);
      std::uint16_t size;
      std::memcpy(&size, &bytes[slot + kSlotHeader - sizeof size], sizeof size);
      for (std::size_t at = 0; at < kSlotHeader + size; ++at) {
        bytes[slot + at] ^= std::byte{0x10};
        const auto records = Journal::recover(bytes);
        REQUIRE(records.has_value());
        auto want = range(begin, end);
        want.erase(want.begin() + static_cast<std::ptrdiff_t>(victim - begin));
        REQUIRE(numbers(*records) == want);
        REQUIRE(records->damaged == 1);
        bytes[slot + at] ^= std::byte{0x10};
      }
    }
  }
}

TEST_CASE("a record that died half-written never was", "[ledger][journal]") {
  const Filled filled(7, 2);
  auto bytes = filled.copy();
  const std::size_t next = slot_begin(18 % filled.capacity);
  std::memset(bytes.data() + next, 0, sizeof(std::uint64_t));
  std::memset(bytes.data() + next + kSlotHeader, 0xAB, kSlotSize / 2);
  const auto records = Journal::recover(bytes);
  REQUIRE(records.has_value());
  CHECK(numbers(*records) == range(14, 18));
  CHECK(records->damaged == 0);
}

TEST_CASE("a wiped record inside the row of records is missed", "[ledger][journal]") {
  const Filled filled(7, 4);
  auto bytes = filled.copy();
  std::memset(bytes.data() + slot_begin(16 % filled.capacity), 0, kSlotSize);
  const auto records = Journal::recover(bytes);
  REQUIRE(records.has_value());
  CHECK(numbers(*records) == std::vector<std::uint64_t>{14, 15, 17, 18, 19, 20, 21});
  CHECK(records->damaged == 1);
}

TEST_CASE("a record in another's place is damage", "[ledger][journal]") {
  const Filled filled(0, 3);
  auto bytes = filled.copy();
  std::memcpy(bytes.data() + slot_begin(7), bytes.data() + slot_begin(2), kSlotSize);
  const auto records = Journal::recover(bytes);
  REQUIRE(records.has_value());
  CHECK(numbers(*records) == range(0, 6));
  CHECK(records->damaged == 1);
}

TEST_CASE("a damaged header is not taken for a journal, a damaged tail costs nothing", "[ledger][journal]") {
  const Filled filled(7, 3);
  auto bytes = filled.copy();
  for (std::size_t at = 0; at < 128; ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[at] ^= static_cast<std::byte>(1 << bit);
      const auto records = Journal::recover(bytes);
      INFO(at);
      if (at < 36) {
        REQUIRE(records.error().code == ErrorCode::corrupt);
        REQUIRE_FALSE(Journal::process_of(bytes).has_value());
      } else if (at >= 64 && at < 72) {
        REQUIRE(records.has_value());
        auto got = numbers(*records);
        REQUIRE(got.size() >= 6);
        got.erase(got.begin(), got.end() - 6);
        REQUIRE(got == range(14, 20));
        REQUIRE(records->damaged >= 1);
      } else {
        REQUIRE(numbers(*records) == range(14, 20));
      }
      bytes[at] ^= static_cast<std::byte>(1 << bit);
    }
  }
}

TEST_CASE("no bytes whatever upset recovery", "[ledger][journal]") {
  std::mt19937_64 random(3);
  const Filled filled(7, 4);
  const auto good = filled.copy();
  for (int round = 0; round < 2000; ++round) {
    auto bytes = good;
    for (auto n = 1 + random() % 40; n > 0; --n) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    if (round % 4 == 0) bytes.resize(random() % bytes.size());
    // The header holds more often than chance would have it.
    if (bytes.size() >= 128 && round % 2 == 0) std::copy_n(good.begin(), 128, bytes.begin());
    // At an odd address too.
    bytes.insert(bytes.begin(), std::byte{0});
    const auto records = Journal::recover(std::span(bytes).subspan(1));
    if (!records) continue;
    for (const Row& row : records->rows) REQUIRE(number_of(row) != ~std::uint64_t{0});
    std::uint64_t last = 0;
    for (const Row& row : records->rows) {
      REQUIRE(number_of(row) >= last);
      last = number_of(row);
    }
  }
}

TEST_CASE("a record whose checksum holds but whose values no row has is damage", "[ledger][journal]") {
  const auto bad = [](std::size_t at, auto value) {
    const auto journal = Journal::in_memory(8, kProcess);
    Row row = row_of(1);
    std::memcpy(reinterpret_cast<char*>(&row) + at, &value, sizeof value);
    REQUIRE(journal->reserve());
    journal->open(row);
    journal->settle(row_of(2));
    Journal::Records records;
    journal->read(records, 10);
    CHECK(records.damaged == 1);
    CHECK(numbers(records) == std::vector<std::uint64_t>{2});
  };
  bad(offsetof(Row, state), std::uint8_t{5});
  bad(offsetof(Row, operation), std::uint8_t{10});
  bad(offsetof(Row, surface), std::uint8_t{4});
  bad(offsetof(Row, cost_source), std::uint8_t{255});
  bad(offsetof(Row, streamed), std::uint8_t{2});
  const auto journal = Journal::in_memory(8, kProcess);
  RefusalCount refusal = refusal_of(1);
  const std::uint16_t size = 129;
  std::memcpy(reinterpret_cast<char*>(&refusal) + offsetof(RefusalCount, model), &size, sizeof size);
  REQUIRE(journal->refused(refusal));
  Journal::Records records;
  journal->read(records, 10);
  CHECK(records.refusals.empty());
  CHECK(records.damaged == 1);
}

TEST_CASE("a ring started where another was forgets the other", "[ledger][journal]") {
  const Filled filled(3, 4);
  for (const std::uint64_t process : {kProcess, kProcess + 1}) {
    auto journal = Journal::format(filled.memory.bytes(), process).value();
    CHECK(Journal::recover(filled.memory.bytes())->rows.empty());
    CHECK(Journal::recover(filled.memory.bytes())->damaged == 0);
    append(*journal, 99);
    CHECK(numbers(*Journal::recover(filled.memory.bytes())) == std::vector<std::uint64_t>{99});
    CHECK(Journal::process_of(filled.memory.bytes()).value() == process);
  }
  const SharedMemory garbage(8);
  std::memset(garbage.bytes().data(), 0xA5, garbage.bytes().size());
  REQUIRE(Journal::format(garbage.bytes(), kProcess).has_value());
  CHECK(Journal::recover(garbage.bytes())->damaged == 0);
}

TEST_CASE("memory that cannot hold a ring is refused", "[ledger][journal]") {
  const SharedMemory memory(16);
  CHECK(Journal::format(memory.bytes().subspan(8), kProcess).error().code == ErrorCode::invalid);
  CHECK(Journal::format(memory.bytes().first(kJournalPage), kProcess).error().code == ErrorCode::invalid);
  CHECK(Journal::format({}, kProcess).error().code == ErrorCode::invalid);
  CHECK(Journal::format(memory.bytes(), kProcess).value()->capacity() >= 16);
}

TEST_CASE("a worker and a writer at once see every record complete and in order", "[ledger][journal][threads]") {
  constexpr std::uint64_t kRecords = 20'000;
  const auto journal = Journal::in_memory(64, kProcess);
  std::thread worker([&] {
    for (std::uint64_t n = 0; n < kRecords; n += 2) {
      while (!journal->reserve()) std::this_thread::yield();
      journal->open(row_of(n));
      journal->settle(row_of(n + 1, RowState::settled));
    }
  });
  std::uint64_t next = 0;
  bool good = true;
  Journal::Records records;
  while (next < kRecords) {
    records = {};
    journal->read(records, 17);
    good &= records.damaged == 0;
    for (const Row& row : records.rows) good &= number_of(row) == next++;
    journal->confirm(records.end);
    if (records.rows.empty()) std::this_thread::yield();
  }
  worker.join();
  CHECK(good);
  CHECK(journal->queued() == 0);
}

TEST_CASE("whenever its process is killed, a journal has every record it had taken", "[ledger][journal]") {
  std::mt19937_64 random(4);
  for (int round = 0; round < 40; ++round) {
    const SharedMemory memory(16);
    const SharedMemory told(0);
    auto* const progress = new (told.bytes().data()) std::atomic<std::uint64_t>[2] {};  // appended, confirmed
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto journal = Journal::format(memory.bytes(), kProcess).value();
      for (std::uint64_t n = 0;; n += 2) {
        if (!journal->reserve()) {
          const std::uint64_t end = journal->confirmed() + 1 + n % 7;
          journal->confirm(end);
          progress[1].store(end);
          n -= 2;
          continue;
        }
        journal->open(row_of(n));
        progress[0].store(n + 1);
        journal->settle(row_of(n + 1, RowState::settled));
        progress[0].store(n + 2);
      }
    }
    while (progress[0].load() == 0) usleep(10);
    usleep(static_cast<useconds_t>(random() % 2000));
    REQUIRE(kill(child, SIGKILL) == 0);
    REQUIRE(waitpid(child, nullptr, 0) == child);

    const auto records = Journal::recover(memory.bytes());
    REQUIRE(records.has_value());
    REQUIRE(records->damaged == 0);
    REQUIRE_FALSE(records->rows.empty());
    const std::uint64_t begin = number_of(records->rows.front());
    REQUIRE(numbers(*records) == range(begin, records->end));
    REQUIRE(records->end >= progress[0].load());
    REQUIRE(records->end <= progress[0].load() + 1);
    REQUIRE(begin >= progress[1].load());
  }
}
