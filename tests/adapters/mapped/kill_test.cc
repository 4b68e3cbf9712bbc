// A process that writes journals and a database, killed at any instant; the sweep after it.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "gateway/mapped_journal.h"
#include "gateway/process_id.h"
#include "gateway/sqlite_store.h"
#include "ledger/sweep.h"
#include "ledger/writer.h"
#include "support/catch.h"

namespace gateway {
namespace {

constexpr WallTime kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + std::chrono::hours(9);
const AccountKey kAccount{"demo", Period::total, WallTime::min(), WallTime::max()};
constexpr std::size_t kMostAttempts = 1 << 20;

// What the outside world saw, in memory that outlives the child: a provider that notes each dispatch before it is
// answered, and a client that notes each answer.
struct Witness {
  std::atomic<std::uint64_t> process;
  std::atomic<std::uint32_t> dispatched;  // attempts 0 ... dispatched - 1 reached the provider
  std::atomic<std::uint32_t> next;
  std::atomic<bool> answered[kMostAttempts];
};

Row row_of(std::uint32_t n, std::uint64_t process, std::uint32_t round) {
  Row row;
  const std::uint64_t millisecond = (std::uint64_t{round} << 20) + n / 50;
  for (std::size_t i = 0; i < 4; ++i) row.request.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  for (std::size_t i = 0; i < 6; ++i) row.request.bytes[5 - i] = static_cast<std::uint8_t>(millisecond >> (8 * i));
  row.process = process;
  row.project = "demo";
  row.accepted = kNow;
  row.hold = Money::units(1000);
  return row;
}

std::int64_t cost_of(std::uint32_t n) { return 1 + n % 900; }

[[noreturn]] void serve(const std::string& directory, Witness& witness, std::uint32_t round) {
  const std::uint64_t process = current_process();
  witness.process = process;
  auto journals =
      MappedJournals::create({.directory = directory + "/journals", .process = process, .workers = 1, .capacity = 64});
  auto store = open_sqlite_store({.path = directory + "/gateway.db", .busy_timeout_ms = 10'000});
  if (!journals || !store) ::_exit(1);
  Journal& journal = *(*journals)->journals()[0];
  std::thread drain([&] {
    LedgerWriter writer(**store, (*journals)->journals());
    for (;;) {
      (void)(*store)->lease(process, kAccount, Money::dollars(1), Money::units(5000)).has_value();
      (void)writer.drain(20).has_value();
    }
  });
  for (std::uint32_t n = 0; n < kMostAttempts; ++n) {
    while (!journal.reserve()) std::this_thread::yield();
    Row row = row_of(n, process, round);
    journal.open(row);
    witness.dispatched = n + 1;
    row.state = RowState::settled;
    row.cost = Money::units(cost_of(n));
    row.cost_source = CostSource::provider;
    row.ended = kNow;
    journal.settle(row);
    witness.answered[n] = true;
  }
  for (;;) ::pause();
}

SweepReport sweep_all(Store& store, const std::string& directory) {
  SweepReport report;
  const auto swept = MappedJournals::sweep(directory + "/journals", [&](MappedJournals::Orphan& orphan) {
    const auto one = sweep_process(store, store, orphan.records, orphan.process, kNow);
    REQUIRE(one);
    report += *one;
    return true;
  });
  REQUIRE(swept);
  const auto lost = sweep_lost(
      store, store, [&](std::uint64_t process) { return MappedJournals::alive(directory + "/journals", process); },
      kNow);
  REQUIRE(lost);
  return report += *lost;
}

TEST_CASE("killed at any instant, every dispatch has one row and every answer its price", "[mapped][kill]") {
  std::string directory =
      std::filesystem::exists("/dev/shm") ? "/dev/shm/gateway-kill-XXXXXX" : "/tmp/gateway-kill-XXXXXX";
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  void* shared = ::mmap(nullptr, sizeof(Witness), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(shared != MAP_FAILED);
  std::mt19937_64 random(20261122);
  std::size_t rows_before = 0;
  MoneySum cost_before;

  for (std::uint32_t round = 0; round < 50; ++round) {
    auto& witness = *new (shared) Witness{};
    const pid_t child = ::fork();
    if (child == 0) serve(directory, witness, round);
    REQUIRE(child > 0);
    const std::uint32_t enough = static_cast<std::uint32_t>(random() % 2000);
    while (witness.dispatched < enough && ::kill(child, 0) == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
    ::kill(child, SIGKILL);
    REQUIRE(::waitpid(child, nullptr, 0) == child);

    auto opened = open_sqlite_store({.path = directory + "/gateway.db"});
    REQUIRE(opened);
    Store& store = **opened;
    const SweepReport report = sweep_all(store, directory);
    CHECK(report.damaged == 0);

    std::map<RequestId, Row> rows;
    std::size_t count = 0;
    REQUIRE(store.rows({.limit = 0}, [&](const Row& row) {
      ++count;
      if (row.process == witness.process) rows.emplace(row.request, row);
      return true;
    }));
    const std::uint32_t dispatched = witness.dispatched;
    // The last one may have been written but not have reached the provider.
    CHECK(rows.size() >= dispatched);
    CHECK(rows.size() <= dispatched + 1);
    CHECK(count == rows_before + rows.size());
    MoneySum cost = cost_before;
    bool priced = true, closed = true;
    for (std::uint32_t n = 0; n < dispatched; ++n) {
      const auto found = rows.find(row_of(n, 0, round).request);
      if (found == rows.end()) {
        priced = false;
        break;
      }
      closed &= found->second.state != RowState::open;
      if (witness.answered[n]) priced &= found->second.cost == Money::units(cost_of(n));
    }
    for (const auto& [id, row] : rows) cost += row.cost;
    INFO("round " << round << ", " << dispatched << " dispatched");
    CHECK(priced);
    CHECK(closed);
    const auto account = store.account(1, kAccount);
    REQUIRE(account);
    CHECK(account->spent == cost);
    CHECK(account->leased == MoneySum{});
    CHECK(store.open_rows(0)->empty());
    CHECK(std::filesystem::is_empty(directory + "/journals"));
    rows_before = count;
    cost_before = cost;
  }
  const auto proof = open_sqlite_store({.path = directory + "/gateway.db", .create = false}).value()->verify();
  REQUIRE(proof);
  CHECK(proof->findings == std::vector<std::string>{});
  ::munmap(shared, sizeof(Witness));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace gateway
