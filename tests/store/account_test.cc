#include "store/backend.h"

namespace gateway {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::uint64_t kMe = 11, kOther = 22;

AccountKey day_account(const char* project = "red") {
  const WallTime start = std::chrono::floor<std::chrono::days>(kMorning);
  return {project, Period::day, start, start + hours(24)};
}

Row costing(std::uint64_t n, std::int64_t units, std::uint64_t process = kMe) {
  Row row = settled_row(n);
  row.project = "red";
  row.process = process;
  row.cost = Money::units(units);
  return row;
}

AccountState state(Store& store, const AccountKey& key = day_account(), std::uint64_t process = kMe) {
  const auto found = store.account(process, key);
  INFO((found ? std::string() : found.error().detail));
  REQUIRE(found);
  return *found;
}

Money lease(Store& store, std::int64_t cap, std::int64_t delta, std::uint64_t process = kMe) {
  const auto change = store.lease(process, day_account(), Money::units(cap), Money::units(delta));
  REQUIRE(change);
  return *change;
}

std::vector<std::uint64_t> holders(Store& store) {
  std::vector<std::uint64_t> out;
  const auto known = store.processes(kMorning);
  REQUIRE(known);
  for (const ProcessState& each : *known) out.push_back(each.process);
  return out;
}

TEST_CASE("an account begins with what was spent before it was requested", "[store][accounts]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  Row before = costing(1, 100), first = costing(2, 20), last = costing(3, 3), after = costing(4, 1000);
  before.accepted = day_account().start - std::chrono::microseconds(1);
  first.accepted = day_account().start;
  last.accepted = day_account().end - std::chrono::microseconds(1);
  after.accepted = day_account().end;
  Row still_open = open_row(5);
  still_open.project = "red";
  REQUIRE(append(*store, {before, first, last, after, still_open, settled_row(6)}));
  CHECK(state(*store).spent == MoneySum(Money::units(23)));
  CHECK(state(*store, {"red", Period::total, WallTime::min(), WallTime::max()}).spent == MoneySum(Money::units(1123)));
  CHECK(state(*store, {"red", Period::total, WallTime{}, WallTime::max()}).spent == MoneySum(Money::units(1123)));
  CHECK(state(*store, day_account("nobody")).spent == MoneySum{});
}

TEST_CASE("an account follows rows as they close, each once", "[store][accounts]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  CHECK(state(*store).spent == MoneySum{});
  Row open = open_row(1);
  open.project = "red";
  REQUIRE(append(*store, {open}));
  CHECK(state(*store).spent == MoneySum{});
  REQUIRE(append(*store, {costing(1, 50)}));
  REQUIRE(append(*store, {costing(1, 50)}));
  CHECK(state(*store).spent == MoneySum(Money::units(50)));
  Row refund = costing(1, -20);
  refund.entry = 1;
  refund.state = RowState::adjustment;
  REQUIRE(append(*store, {refund, refund}));
  CHECK(state(*store).spent == MoneySum(Money::units(30)));
}

TEST_CASE("periods in a zone off by a quarter of an hour are exact; others are refused", "[store][accounts]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const WallTime nepal = day_account().start - minutes(345);  // UTC+5:45
  Row out = costing(1, 1), in = costing(2, 10);
  out.accepted = nepal - std::chrono::microseconds(1);
  in.accepted = nepal;
  REQUIRE(append(*store, {out, in}));
  CHECK(state(*store, {"red", Period::day, nepal, nepal + hours(24)}).spent == MoneySum(Money::units(10)));
  const auto crooked = store->account(kMe, {"red", Period::day, nepal + minutes(1), nepal + hours(24)});
  REQUIRE_FALSE(crooked);
  CHECK(crooked.error().code == ErrorCode::invalid);
}

TEST_CASE("slices are never more than the cap leaves", "[store][leases]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(append(*store, {costing(1, 40)}));
  CHECK(lease(*store, 100, 50) == Money::units(50));
  CHECK(lease(*store, 100, 50, kOther) == Money::units(10));
  CHECK(lease(*store, 100, 1) == Money{});
  AccountState now = state(*store);
  CHECK(now.leased == MoneySum(Money::units(60)));
  CHECK(now.own == MoneySum(Money::units(50)));
  CHECK(now.processes == 2);

  CHECK(lease(*store, 100, -80) == Money::units(-50));
  CHECK(lease(*store, 100, 80, kOther) == Money::units(50));
  CHECK(lease(*store, 50, 10) == Money{});  // the cap was lowered below what is out
  now = state(*store);
  CHECK(now.leased == MoneySum(Money::units(60)));
  CHECK(now.own == MoneySum{});
}

TEST_CASE("a cost comes out of its process's slice, and a correction out of none", "[store][leases]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(lease(*store, 100, 60) == Money::units(60));
  REQUIRE(lease(*store, 100, 40, kOther) == Money::units(40));
  REQUIRE(append(*store, {costing(1, 25), costing(2, 15, kOther)}));
  AccountState now = state(*store);
  CHECK(now.spent == MoneySum(Money::units(40)));
  CHECK(now.own == MoneySum(Money::units(35)));
  CHECK(now.leased == MoneySum(Money::units(60)));

  REQUIRE(append(*store, {costing(3, 50)}));  // more than was held for it
  now = state(*store);
  CHECK(now.own == MoneySum{});
  CHECK(now.leased == MoneySum(Money::units(25)));
  CHECK(now.spent == MoneySum(Money::units(90)));

  Row correction = costing(2, 5, kOther);
  correction.entry = 1;
  correction.state = RowState::adjustment;
  REQUIRE(append(*store, {correction}));
  now = state(*store);
  CHECK(now.spent == MoneySum(Money::units(95)));
  CHECK(now.leased == MoneySum(Money::units(25)));
}

TEST_CASE("the slices of a process that is gone are free again", "[store][leases]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(lease(*store, 100, 60) == Money::units(60));
  REQUIRE(lease(*store, 100, 40, kOther) == Money::units(40));
  CHECK(holders(*store) == std::vector<std::uint64_t>{kMe, kOther});
  REQUIRE(store->release_leases(kOther));
  CHECK(holders(*store) == std::vector<std::uint64_t>{kMe});
  CHECK(state(*store).processes == 1);
  CHECK(lease(*store, 100, 100) == Money::units(40));
}

TEST_CASE("a process whose request failed counts as a process until it requests nothing", "[store][leases]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(lease(*store, 100, 100) == Money::units(100));
  CHECK(lease(*store, 100, 10, kOther) == Money{});
  CHECK(state(*store).processes == 2);
  CHECK(lease(*store, 100, 0, kOther) == Money{});
  CHECK(state(*store).processes == 1);
}

TEST_CASE("accounts and slices of several connections are the same ones", "[store][leases]") {
  const auto backend = each_backend();
  const auto one = backend->open();
  const auto two = backend->open();
  REQUIRE(lease(*one, 100, 70) == Money::units(70));
  CHECK(lease(*two, 100, 70, kOther) == Money::units(30));
  REQUIRE(append(*two, {costing(1, 30, kOther)}));
  CHECK(state(*one).spent == MoneySum(Money::units(30)));
  CHECK(state(*one).leased == MoneySum(Money::units(70)));
}

TEST_CASE("accounts of past periods are dropped, and come back exact when requested", "[store][accounts]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(append(*store, {costing(1, 40)}));
  CHECK(state(*store).spent == MoneySum(Money::units(40)));
  const AccountKey tomorrow{"red", Period::day, day_account().end, day_account().end + hours(24)};
  CHECK(state(*store, tomorrow).spent == MoneySum{});
  REQUIRE(append(*store, {costing(2, 2)}));  // late, for the day before
  CHECK(state(*store).spent == MoneySum(Money::units(42)));
  CHECK(state(*store, tomorrow).spent == MoneySum{});
}

}  // namespace
}  // namespace gateway
