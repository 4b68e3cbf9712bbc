// Clearing up after the dead while others die.
#include "app/background/ledger_sweep.h"

#include <functional>
#include <utility>

#include "apps/cli/cli.h"
#include "gateway/mapped_journal.h"
#include "gateway/testing/memory_store.h"
#include "support/forwarding_store.h"

namespace {

constexpr std::uint64_t kDead = (std::uint64_t{77} << 22) | 4'000'000;  // no pid of this machine

Row open_row(int number) {
  Row row = settled_row(number);
  row.process = kDead;
  row.state = RowState::open;
  row.cost = Money{};
  row.cost_source = CostSource::none;
  row.ended = {};
  return row;
}

// Leaves the journal of a process that has settled row 1, as if it died right now.
void leave_journal(const std::string& directory) {
  std::filesystem::create_directory(directory);
  const std::string live = directory + "-live";
  const auto journals = MappedJournals::create({.directory = live, .process = kDead, .workers = 1, .capacity = 16});
  REQUIRE(journals);
  Journal& journal = *(*journals)->journals()[0];
  REQUIRE(journal.reserve());
  journal.open(open_row(1));
  Row settled = settled_row(1);
  settled.process = kDead;
  journal.settle(settled);
  for (const auto& entry : std::filesystem::directory_iterator(live)) {
    std::filesystem::copy_file(entry.path(), directory + "/" + entry.path().filename().string());
  }
}

// A process dies between the look at the journals and the look at who has rows open.
struct DyingNow final : ForwardingStore {
  DyingNow() : ForwardingStore(memory) {}
  testing::MemoryStore memory;
  std::function<void()> die;

  Result<std::vector<Row>> open_rows(std::uint64_t process) override {
    if (process == 0 && die) std::exchange(die, nullptr)();
    return memory.open_rows(process);
  }
};

}  // namespace

TEST_CASE("who dies during a sweep is swept by the next one, with its journal", "[apps][sweep]") {
  const Folder folder;
  DyingNow store;
  append(store, {open_row(1)});
  const std::string journals = folder.path() + "/journals";
  store.die = [&] { leave_journal(journals); };

  const auto first = app::sweep_ledger(store, journals, fixed_now());
  REQUIRE(first);
  CHECK(first->report.processes == 0);
  REQUIRE(store.memory.all_rows().size() == 1);
  CHECK(store.memory.all_rows()[0].state == RowState::open);

  const auto second = app::sweep_ledger(store, journals, fixed_now());
  REQUIRE(second);
  CHECK(second->report.processes == 1);
  CHECK(second->report.closed == 0);
  CHECK(store.memory.all_rows()[0].state == RowState::settled);
  CHECK(store.memory.all_rows()[0].cost == settled_row(1).cost);
}

TEST_CASE("journals are where the configuration says, of its own database alone", "[apps][sweep]") {
  Cli cli;
  cli.folder.write("gateway.yaml", "database: sqlite:gateway.db\njournals: elsewhere/journals\n");
  cli.folder.write("other.yaml", "database: sqlite:other.db\njournals: elsewhere/journals\n");
  for (const char* database : {"gateway.db", "other.db"}) {
    const auto store = open_sqlite_store({.path = database}).value();
    append(*store, {open_row(1)});
  }
  std::filesystem::create_directories("elsewhere");
  leave_journal("elsewhere/journals");

  // The database of another path has its journals beside itself, and no part in these.
  CHECK(cli("ledger sweep --database other.db").out.find("0 rows from journals") != std::string::npos);
  const Ran swept = cli("ledger sweep --database sqlite:./gateway.db");
  CHECK(swept.status == 0);
  CHECK(swept.out.find("1 dead process: 1 row from journals, 0 open rows closed") == 0);
  CHECK(open_sqlite_store({.path = "gateway.db"}).value()->usage({})->front().cost == MoneySum(settled_row(1).cost));

  const Ran refused = cli("ledger sweep -c other.yaml");
  CHECK(refused.status == 1);
  CHECK(refused.err.find("each database needs a directory of its own") != std::string::npos);
  CHECK(cli("ledger sweep").status == 0);

  cli.folder.write("gateway.yaml", "database: sqlite:gateway.db\njournals: ${NOT_SET}\n");
  CHECK(cli("ledger sweep").status == 1);
}
