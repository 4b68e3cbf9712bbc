#include "policy/limits/lease.h"

#include <deque>
#include <optional>
#include <random>

#include "gateway/testing/memory_store.h"
#include "support/catch.h"

namespace gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Money units(std::int64_t n) { return Money::units(n); }

AccountState state(std::int64_t spent, std::int64_t leased, std::int64_t own, int processes) {
  return {units(spent), units(leased), units(own), processes};
}

TEST_CASE("alone, a process takes half of what is left, and at least one hold", "[ledger][lease]") {
  CHECK(slice_change(units(1000), state(0, 0, 0, 1), {.free = {}, .largest = units(10)}) == units(500));
  CHECK(slice_change(units(1000), state(0, 0, 0, 1), {.free = {}, .largest = units(800)}) == units(800));
  CHECK(slice_change(units(1000), state(980, 0, 0, 1), {.free = {}, .largest = units(18)}) == units(18));
}

TEST_CASE("with others a process takes a part of what is left, bounded by its demand", "[ledger][lease]") {
  CHECK(slice_change(units(1000), state(0, 0, 0, 4), {.free = {}, .largest = units(10)}) == units(125));
  CHECK(slice_change(units(1000), state(0, 0, 0, 4), {.free = {}, .largest = units(10), .demand = units(30)}) ==
        units(30));
  CHECK(slice_change(units(1000), state(0, 600, 600, 2), {.free = units(600), .largest = units(10)}) == units(-350));
}

TEST_CASE("what can be reached of less than a hold is left to others", "[ledger][lease]") {
  CHECK(slice_change(units(1000), state(900, 93, 3, 2), {.free = units(3), .largest = units(20)}) == units(-3));
  CHECK(slice_change(units(1000), state(900, 93, 0, 2), {.free = {}, .largest = units(20)}) == Money{});
  // but if a smaller one fits, that much is taken
  CHECK(slice_change(units(1000), state(900, 93, 0, 2), {.free = {}, .smallest = units(5), .largest = units(20)}) ==
        units(5));
}

TEST_CASE("small differences are let be", "[ledger][lease]") {
  CHECK(slice_change(units(1000), state(0, 450, 450, 1), {.free = units(450), .largest = units(10)}) == Money{});
  CHECK(slice_change(units(1000), state(0, 260, 260, 2), {.free = units(260), .largest = units(10)}) == Money{});
}

TEST_CASE("an idle process returns all that is free, a busy one in debt nothing", "[ledger][lease]") {
  CHECK(slice_change(units(1000), state(0, 500, 500, 1), {.free = units(420), .idle = seconds(3)}) == units(-420));
  CHECK(slice_change(units(1000), state(0, 500, 500, 1), {.free = units(-7), .idle = seconds(3)}) == Money{});
}

TEST_CASE("a cap that was lowered below what is spent grants nothing", "[ledger][lease]") {
  CHECK(slice_change(units(10), state(500, 20, 20, 1), {.free = {}, .largest = units(1)}) == Money{});
}

constexpr int kWaves = 4000;  // steps in which some fall idle
constexpr WallTime kWall{std::chrono::hours(24 * 365 * 56)};
const AccountKey kAccount{"demo", Period::total, WallTime::min(), WallTime::max()};

// One process as the gateway is one: it admits against its slice in memory, settles some time later, and renews its
// slice at every step.
class Process {
 public:
  Process(std::uint64_t id, std::int64_t least, std::int64_t most) : id_(id), least_(least), most_(most) {}

  void work(testing::MemoryStore& store, std::mt19937_64& random, TimePoint now) {
    const auto range = static_cast<std::uint64_t>(most_ - least_ + 1);
    const std::int64_t hold = least_ + static_cast<std::int64_t>(random() % range);
    smallest_ = smallest_ == 0 ? hold : std::min(smallest_, hold);
    largest_ = std::max(largest_, hold);
    last_wanted_ = now;
    if (free_ >= hold) {
      free_ -= hold;
      flying_.push_back(hold);
      ++admitted_;
    }
    if (!flying_.empty() && random() % 3 == 0) settle(store, random);
  }

  void settle(testing::MemoryStore& store, std::mt19937_64& random) {
    const std::int64_t hold = flying_.front();
    const std::int64_t cost =
        random() % 2 == 0 ? hold : static_cast<std::int64_t>(random() % (static_cast<std::uint64_t>(hold) + 1));
    flying_.pop_front();
    free_ += hold - cost;
    Row row;
    row.request.bytes[0] = static_cast<std::uint8_t>(id_);
    for (std::size_t i = 0; i < 4; ++i) row.request.bytes[15 - i] = static_cast<std::uint8_t>(rows_ >> (8 * i));
    ++rows_;
    row.process = id_;
    row.project = "demo";
    row.state = RowState::settled;
    row.accepted = kWall;
    row.cost = units(cost);
    kept_ &= store.append({std::span(&row, 1), {}}).has_value();
  }

  void renew(testing::MemoryStore& store, Money cap, TimePoint now) {
    const AccountState found = *store.account(id_, kAccount);
    std::int64_t held = 0;
    for (const std::int64_t hold : flying_) held += hold;
    kept_ &= found.own == MoneySum(units(free_ + held));
    const Money change = slice_change(
        cap, found,
        {.free = units(free_), .smallest = units(smallest_), .largest = units(largest_), .idle = now - last_wanted_});
    kept_ &= -change.units() <= free_;
    if (!change.is_zero()) free_ += store.lease(id_, kAccount, cap, change)->units();
    if (now - last_wanted_ > seconds(1)) smallest_ = largest_ = 0;
  }

  std::int64_t least() const { return least_; }
  std::int64_t free() const { return free_; }
  std::size_t flying() const { return flying_.size(); }
  int admitted() const { return admitted_; }
  bool kept() const { return kept_; }  // never more than the slice, in either direction

 private:
  std::uint64_t id_;
  std::int64_t least_, most_;
  std::int64_t free_ = 0;
  std::int64_t smallest_ = 0, largest_ = 0;
  std::deque<std::int64_t> flying_;
  TimePoint last_wanted_{};
  std::uint32_t rows_ = 0;
  int admitted_ = 0;
  bool kept_ = true;
};

TEST_CASE("any number of processes keep the cap, and strand nothing that one of them could spend", "[ledger][lease]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    testing::MemoryStore store;
    const Money cap = units(static_cast<std::int64_t>(500 + random() % 50'000));
    std::vector<Process> processes;
    const std::size_t count = 1 + random() % 5;
    for (std::size_t i = 0; i < count; ++i) {
      const auto least = static_cast<std::int64_t>(1 + random() % 40);
      processes.emplace_back(i + 1, least, least + static_cast<std::int64_t>(random() % 40));
    }
    TimePoint now{};
    int unchanged = 0;
    MoneySum spent_before;
    bool cap_kept = true;
    // Some fall idle for a while, as clients do; in the end all want more than there is.
    int step = 0;
    for (; unchanged < 1500 && step < 100'000; ++step) {
      now += milliseconds(5);
      const bool quiet = step < kWaves && step / 500 % 2 == 1;
      for (std::size_t i = 0; i < processes.size(); ++i) {
        if (!quiet || i == static_cast<std::size_t>(step / 1000) % processes.size()) {
          processes[i].work(store, random, now);
        }
        processes[i].renew(store, cap, now);
      }
      const AccountState all = *store.account(0, kAccount);
      cap_kept &= all.spent + all.leased <= MoneySum(cap);
      bool flying = false;
      for (Process& process : processes) flying |= process.flying() > 0;
      unchanged = all.spent == spent_before && !flying && step > kWaves ? unchanged + 1 : 0;
      spent_before = all.spent;
    }
    CHECK(step < 100'000);
    CHECK(cap_kept);
    std::int64_t smallest = processes[0].least();
    for (const Process& process : processes) {
      CHECK(process.kept());
      smallest = std::min(smallest, process.least());
    }
    CHECK(MoneySum(cap) - spent_before < MoneySum(units(smallest)));
  }
}

TEST_CASE("an idle process's slice is soon another's", "[ledger][lease]") {
  testing::MemoryStore store;
  std::mt19937_64 random(1);
  const Money cap = units(1000);
  Process early(1, 10, 10), late(2, 900, 900);
  TimePoint now{};
  early.work(store, random, now);
  early.renew(store, cap, now);
  CHECK(early.free() == 500);
  for (int step = 0; step < 500 && late.admitted() == 0; ++step) {
    now += milliseconds(5);
    late.work(store, random, now);
    early.renew(store, cap, now);
    late.renew(store, cap, now);
  }
  CHECK(early.free() == 0);
  CHECK(late.admitted() == 1);
}

}  // namespace
}  // namespace gateway
