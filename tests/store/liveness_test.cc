// Heartbeats, and what becomes of a process that was taken for dead.
#include <algorithm>

#include "ledger/sweep.h"
#include "store/backend.h"

namespace gateway {
namespace {

using std::chrono::days;
using std::chrono::seconds;

constexpr std::uint64_t kMe = 11, kOther = ~std::uint64_t{0};
constexpr std::chrono::milliseconds kLife{30'000};
const AccountKey kTotal{"red", Period::total, WallTime::min(), WallTime::max()};

struct Seen {
  bool listed = false, alive = false;
  bool operator==(const Seen&) const = default;
};
constexpr Seen kNotListed{}, kAlive{true, true}, kGone{true, false};

Seen see(Store& store, std::uint64_t process, WallTime now) {
  const auto known = store.processes(now);
  REQUIRE(known);
  const auto count = std::ranges::count(*known, process, &ProcessState::process);
  CHECK(count <= 1);
  if (count == 0) return kNotListed;
  return {true, std::ranges::find(*known, process, &ProcessState::process)->alive};
}

bool nobody(std::uint64_t) { return false; }

Row row_of(std::uint64_t n, RowState state, std::int64_t cost = 0) {
  Row row = state == RowState::open ? open_row(n) : settled_row(n);
  row.state = state;
  row.project = "red";
  row.process = kMe;
  row.hold = Money::units(100);
  row.cost = Money::units(cost);
  row.upstream_cost = Money{};
  return row;
}

bool is_fenced(const Result<void>& result) { return !result && result.error().code == ErrorCode::fenced; }

TEST_CASE("a process is alive until its heartbeat is over, for every connection", "[store][liveness]") {
  const auto backend = each_backend();
  const auto store = backend->open(), other = backend->open();
  CHECK(see(*store, kMe, kMorning) == kNotListed);
  REQUIRE(store->heartbeat(kMe, kMorning, kLife));
  REQUIRE(store->heartbeat(kOther, kMorning + seconds(20), kLife));
  CHECK(see(*other, kMe, kMorning) == kAlive);
  CHECK(see(*other, kMe, kMorning + seconds(29)) == kAlive);
  CHECK(see(*other, kMe, kMorning + seconds(30)) == kGone);
  CHECK(see(*other, kOther, kMorning + seconds(30)) == kAlive);
  REQUIRE(store->heartbeat(kMe, kMorning + seconds(40), kLife));
  CHECK(see(*other, kMe, kMorning + seconds(60)) == kAlive);
}

TEST_CASE("a heartbeat from a clock that was set back since keeps nobody alive", "[store][liveness]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->heartbeat(kMe, kMorning + days(1), kLife));
  CHECK(see(*store, kMe, kMorning) == kGone);
  CHECK(see(*store, kMe, kMorning + days(1) - seconds(5)) == kAlive);
}

TEST_CASE("who has slices is listed without a heartbeat, and nobody once all is released", "[store][liveness]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->lease(kMe, kTotal, Money::units(100), Money::units(10)));
  CHECK(see(*store, kMe, kMorning) == kGone);
  REQUIRE(store->heartbeat(kMe, kMorning, kLife));
  CHECK(see(*store, kMe, kMorning) == kAlive);
  REQUIRE(store->release_leases(kMe));
  CHECK(see(*store, kMe, kMorning) == kNotListed);
  CHECK(store->account(kOther, kTotal)->leased == MoneySum{});
  REQUIRE(store->heartbeat(kMe, kMorning, kLife));  // it ended by itself and was never fenced
}

TEST_CASE("who was fenced can neither append, nor lease, nor live, however often it tries", "[store][fencing]") {
  const auto backend = each_backend();
  const auto mine = backend->open(), sweeper = backend->open();
  REQUIRE(mine->heartbeat(kMe, kMorning, kLife));
  REQUIRE(mine->lease(kMe, kTotal, Money::units(1000), Money::units(500)));
  const std::vector<Row> rows{row_of(1, RowState::settled, 7)};
  for (const bool released : {false, true}) {
    REQUIRE(sweeper->fence(kMe, kMorning));
    if (released) REQUIRE(sweeper->release_leases(kMe));
    CHECK(see(*sweeper, kMe, kMorning) == (released ? kNotListed : kGone));
    for (int i = 0; i < 2; ++i) {
      CHECK(is_fenced(mine->append({rows, {}, kMe})));
      CHECK(is_fenced(mine->heartbeat(kMe, kMorning, kLife)));
      CHECK(mine->lease(kMe, kTotal, Money::units(1000), Money::units(1)).error().code == ErrorCode::fenced);
    }
    CHECK(all_rows(*sweeper).empty());
  }
  // Others are not, and neither is who closes its rows, or itself under a new id.
  REQUIRE(mine->append({rows, {}, kOther}));
  REQUIRE(mine->append({std::vector<Row>{row_of(2, RowState::settled, 5)}, {}}));
  REQUIRE(mine->heartbeat(kOther, kMorning, kLife));
  CHECK(mine->lease(kOther, kTotal, Money::units(1000), Money::units(1)).value() == Money::units(1));
  CHECK(total(*sweeper).cost == MoneySum(Money::units(12)));
}

TEST_CASE("marks of the dead are kept for a month at least", "[store][fencing]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->fence(kMe, kMorning));
  REQUIRE(store->release_leases(kMe));
  REQUIRE(store->fence(kOther, kMorning + days(29)));
  CHECK(is_fenced(store->heartbeat(kMe, kMorning, kLife)));
}

TEST_CASE("a sweep spares who has a heartbeat or runs here, and sweeps all others", "[store][sweep]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  constexpr std::uint64_t kElsewhere = 21, kStoppedHere = 22, kSilent = 23, kLeasesAlone = 24;
  std::vector<Row> rows;
  for (const std::uint64_t process : {kElsewhere, kStoppedHere, kSilent}) {
    rows.push_back(row_of(process, RowState::open));
    rows.back().process = process;
    REQUIRE(store->lease(process, kTotal, Money::units(1000), Money::units(100)));
  }
  REQUIRE(append(*store, rows));
  REQUIRE(store->lease(kLeasesAlone, kTotal, Money::units(1000), Money::units(100)));
  for (const std::uint64_t process : {kStoppedHere, kSilent}) REQUIRE(store->heartbeat(process, kMorning, kLife));
  const WallTime now = kMorning + std::chrono::hours(1);  // as long was kStoppedHere stopped
  REQUIRE(store->heartbeat(kElsewhere, now - seconds(5), kLife));

  const auto swept = sweep_lost(
      *store, *store, [](std::uint64_t process) { return process == kStoppedHere; }, now);
  REQUIRE(swept);
  CHECK(swept->processes == 2);
  CHECK(swept->closed == 1);
  CHECK(store->account(kMe, kTotal)->leased == MoneySum(Money::units(200)));
  CHECK(store->open_rows(0)->size() == 2);
  for (const std::uint64_t process : {kSilent, kLeasesAlone}) CHECK(is_fenced(store->heartbeat(process, now, kLife)));
  for (const std::uint64_t process : {kElsewhere, kStoppedHere}) CHECK(store->heartbeat(process, now, kLife));
  CHECK(sweep_lost(
            *store, *store, [](std::uint64_t process) { return process == kStoppedHere; }, now)
            ->processes == 0);
}

TEST_CASE("what a swept process settles after all changes no row and no sum", "[store][fencing]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->lease(kMe, kTotal, Money::units(1000), Money::units(500)));
  REQUIRE(append(*store, {row_of(1, RowState::open)}));
  REQUIRE(sweep_lost(*store, *store, nobody, kMorning));
  const auto settled = row_of(1, RowState::settled, 30);
  CHECK(is_fenced(store->append({std::vector<Row>{settled}, {}, kMe})));
  REQUIRE(store->append({std::vector<Row>{settled}, {}, kOther}));
  const auto rows = all_rows(*store);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].state == RowState::interrupted);
  CHECK(total(*store).cost == MoneySum(Money::units(100)));
  const auto account = store->account(kOther, kTotal);
  CHECK(account->spent == MoneySum(Money::units(100)));
  CHECK(account->leased == MoneySum{});
  CHECK(store->verify()->findings == std::vector<std::string>{});
}

}  // namespace
}  // namespace gateway
