// Slices in batches, and caps that no order of anything exceeds.
#include <map>
#include <random>

#include "store/backend.h"

namespace gateway {
namespace {

constexpr std::uint64_t kMe = 11, kOther = 22;

AccountKey total_of(const std::string& project) { return {project, Period::total, WallTime::min(), WallTime::max()}; }

SliceChange change(const std::string& project, std::int64_t cap, std::int64_t delta) {
  return {total_of(project), Money::units(cap), Money::units(delta)};
}

std::vector<std::int64_t> units(const Result<std::vector<Money>>& made) {
  REQUIRE(made);
  std::vector<std::int64_t> out;
  for (const Money each : *made) out.push_back(each.units());
  return out;
}

TEST_CASE("accounts are read in the order of their keys, those too that are not there yet", "[store][leases]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  Row row = settled_row(1);
  row.project = "red";
  row.cost = Money::units(7);
  REQUIRE(append(*store, {row}));
  REQUIRE(store->lease(kMe, total_of("blue"), Money::units(100), Money::units(3)));
  const std::vector<AccountKey> keys{total_of("nobody"), total_of("red"), total_of("blue"), total_of("red")};
  for (int i = 0; i < 2; ++i) {
    const auto states = store->accounts(kMe, keys);
    REQUIRE(states);
    REQUIRE(states->size() == 4);
    CHECK((*states)[0].spent == MoneySum{});
    CHECK((*states)[1].spent == MoneySum(Money::units(7)));
    CHECK((*states)[2].own == MoneySum(Money::units(3)));
    CHECK((*states)[3].spent == MoneySum(Money::units(7)));
  }
  CHECK(store->accounts(kMe, {})->empty());
  const std::vector<AccountKey> crooked{total_of("red"),
                                        {"red", Period::day, kMorning + std::chrono::minutes(1), kMorning}};
  CHECK(store->accounts(kMe, crooked).error().code == ErrorCode::invalid);
}

TEST_CASE("each change of a batch is clamped to what is left, and none keeps another from being made",
          "[store][leases]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  CHECK(units(store->change_slices(kMe, {})).empty());
  const std::vector<SliceChange> first{change("red", 100, 60), change("blue", 10, 50), change("red", 100, 60),
                                       change("green", 0, 5), change("blue", 10, -4)};
  CHECK(units(store->change_slices(kMe, first)) == std::vector<std::int64_t>{60, 10, 40, 0, -4});
  const std::vector<SliceChange> second{change("red", 100, 1), change("blue", 10, 9), change("red", 100, -1)};
  CHECK(units(store->change_slices(kOther, second)) == std::vector<std::int64_t>{0, 4, 0});
  CHECK(store->account(kMe, total_of("red"))->own == MoneySum(Money::units(100)));
  CHECK(store->account(kMe, total_of("blue"))->leased == MoneySum(Money::units(10)));
}

TEST_CASE("a batch with a change that cannot be is refused, and nothing of it made", "[store][leases]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  std::vector<SliceChange> changes{change("red", 100, 60), change("blue", 100, 60)};
  changes[1].account.start = kMorning + std::chrono::minutes(1);
  CHECK(store->change_slices(kMe, changes).error().code == ErrorCode::invalid);
  CHECK(store->account(kMe, total_of("red"))->leased == MoneySum{});
}

// Some processes with a connection each, in random order: lease and return in batches, spend what they have, die.
TEST_CASE("no interleaving of leases, costs and deaths exceeds a cap", "[store][leases]") {
  const BackendKind kind = each_kind();
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    const auto pick = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
    const auto backend = make_backend(kind);
    const char* const projects[] = {"red", "blue", "green"};
    constexpr std::int64_t kCap = 10'000;
    struct Process {
      std::uint64_t id;
      std::unique_ptr<Store> store;
      std::map<std::string, std::int64_t> slices;
    };
    std::vector<Process> processes(3);
    std::uint64_t next_id = 1, next_row = 1;
    for (Process& each : processes) each.id = next_id++, each.store = backend->open();
    for (int step = 0; step < 150; ++step) {
      Process& process = processes[static_cast<std::size_t>(pick(3))];
      if (pick(25) == 0) {
        REQUIRE(process.store->fence(process.id, kMorning));
        REQUIRE(process.store->release_leases(process.id));
        process = {next_id++, backend->open(), {}};
      } else if (pick(2) == 0) {
        std::vector<SliceChange> changes;
        for (std::int64_t n = pick(5); n >= 0; --n)
          changes.push_back(change(projects[pick(3)], kCap, pick(4000) - 1500));
        const auto made = units(process.store->change_slices(process.id, changes));
        for (std::size_t i = 0; i < made.size(); ++i) process.slices[changes[i].account.project] += made[i];
      } else {
        std::vector<Row> rows;
        for (std::int64_t n = pick(3); n >= 0; --n) {
          Row row = settled_row(next_row++);
          row.project = projects[pick(3)];
          row.process = process.id;
          std::int64_t& slice = process.slices[row.project.str()];
          row.cost = Money::units(pick(static_cast<std::uint64_t>(slice) + 1));
          row.upstream_cost = Money{};
          slice -= row.cost.units();
          rows.push_back(row);
        }
        REQUIRE(process.store->append({rows, {}, process.id}));
      }
      for (const char* project : projects) {
        const auto state = processes[static_cast<std::size_t>(pick(3))].store->account(process.id, total_of(project));
        REQUIRE(state);
        CHECK(state->spent + state->leased <= MoneySum(Money::units(kCap)));
        CHECK(state->own == MoneySum(Money::units(process.slices[project])));
      }
    }
    CHECK(processes[0].store->verify()->findings == std::vector<std::string>{});
  }
}

}  // namespace
}  // namespace gateway
