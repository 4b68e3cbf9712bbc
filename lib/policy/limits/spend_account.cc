// The accounts' arithmetic. Why it is right:
//
// The cap. Every hold passes a compare-and-swap of used_ from u to u + amount that is tried only if u + amount <=
// cap (strict), and a settlement at no more than its hold only lowers used_. One variable has one order of changes on
// all threads, so every load of it, at any instant, sees spent + held <= cap; no ordering between variables is needed.
//
// The slice. available_ + held + settled-but-not-appended = the slice, but for moments in which part of a hold or of a
// settlement is in neither: a hold takes from available_ before it shows in used_, a settlement leaves used_ before it
// shows in available_. What is in neither is missing for a moment and never there twice, so the slice is not exceeded.
// A settlement's release of available_ and a hold's acquire of it make the second follow the first in used_ as well:
// money that came back to the slice is never refused by a stale used_.
//
// The sum. spent_ only follows: a settlement changes used_ first, then spent_. A reader loads spent_ (acquire), then
// used_, and takes held as their difference: it may see a cost as still held, never as spent and held, and the sum is
// the one load of used_.
//
// No double counting. A cost settled here is in spent_ at once. When its row is appended the store's figure grows by
// the same cost, and so does appended_: base_ = store - appended_ does not move, and rebase() adds to spent_ and used_
// only what base_ moved, which is what other processes spent and what was corrected. Likewise an append takes the cost
// off the slice in the store and off slice_ here; rebase() adds to available_ only what the store's slice differs from
// slice_.
//
// An answer that costs more than its hold (a provider that broke its own limits, or mode estimate) drives used_ past
// the cap and available_ below zero: nothing more is admitted until others' slices, or the next period, make up for it.
#include <algorithm>
#include <limits>

#include "policy/limits/spend.h"

namespace gateway {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

// Stops at the ends of the range: a figure gone absurd refuses everything instead of wrapping around to nothing spent.
void add(std::atomic<std::int64_t>& value, MoneySum change, std::memory_order order = kRelaxed) noexcept {
  std::int64_t old = value.load(kRelaxed);
  std::int64_t next;
  do {
    next = (MoneySum(Money::units(old)) + change).to_money_saturated().units();
  } while (!value.compare_exchange_weak(old, next, order, kRelaxed));
}

std::int64_t not_negative(Money m) noexcept { return std::max<std::int64_t>(m.units(), 0); }

}  // namespace

bool SpendAccount::enter(Money amount, SpendMode mode) noexcept {
  holds_.fetch_add(1, kRelaxed);
  if (hold(amount, mode)) return true;
  holds_.fetch_sub(1, kRelease);
  return false;
}

bool SpendAccount::hold(Money amount, SpendMode mode) noexcept {
  if (!loaded()) return false;
  const std::int64_t units = not_negative(amount);
  if (units == 0) return spent_.load(kAcquire) < cap_.load(kRelaxed);
  if (!take_from_slice(units, mode)) return false;
  if (take_from_cap(units, mode)) return true;
  available_.fetch_add(units, kRelease);
  return false;
}

bool SpendAccount::take_from_slice(std::int64_t amount, SpendMode mode) noexcept {
  std::int64_t available = available_.load(kRelaxed);
  do {
    if (available < (mode == SpendMode::strict ? amount : 1)) return note_wanted(amount), false;
  } while (!available_.compare_exchange_weak(available, available - amount, std::memory_order_acq_rel, kRelaxed));
  return true;
}

bool SpendAccount::take_from_cap(std::int64_t amount, SpendMode mode) noexcept {
  const std::int64_t cap = cap_.load(kRelaxed);
  std::int64_t used = used_.load(kRelaxed);
  do {
    const bool fits = mode == SpendMode::strict
                          ? used <= cap - amount
                          : used < cap && used <= std::numeric_limits<std::int64_t>::max() - amount;
    if (!fits) return false;
  } while (!used_.compare_exchange_weak(used, used + amount, kRelaxed));
  return true;
}

void SpendAccount::note_wanted(std::int64_t amount) noexcept {
  if (used_.load(kRelaxed) > cap_.load(kRelaxed) - amount) return;
  std::int64_t wanted = wanted_.load(kRelaxed);
  while (wanted < amount && !wanted_.compare_exchange_weak(wanted, amount, kRelaxed)) {
  }
}

void SpendAccount::settle(Money held, Money cost) noexcept {
  const std::int64_t taken = not_negative(held);
  const std::int64_t spent = not_negative(cost);
  const MoneySum more = MoneySum(Money::units(spent)) - MoneySum(Money::units(taken));
  if (spent > taken) add(available_, MoneySum{} - more);
  add(used_, more);
  add(settled_, Money::units(spent));
  add(spent_, Money::units(spent), kRelease);
  if (spent < taken) add(available_, MoneySum{} - more, kRelease);
}

SpendAccount::View SpendAccount::view() const noexcept {
  const std::int64_t spent = spent_.load(kAcquire);
  const std::int64_t used = used_.load(kRelaxed);
  const std::int64_t cap = cap_.load(kRelaxed);
  const std::int64_t room = std::max<std::int64_t>(cap - used, 0);
  View view;
  view.cap = Money::units(cap);
  view.spent = Money::units(spent);
  view.held = Money::units(std::max<std::int64_t>(used - spent, 0));
  view.available = Money::units(std::clamp<std::int64_t>(available_.load(kRelaxed), 0, room));
  return view;
}

void SpendAccount::grant(Money change) noexcept {
  slice_ += change;
  add(available_, change, kRelease);
  loaded_.store(true, kRelease);
}

Money SpendAccount::give_back(Money at_most) noexcept {
  std::int64_t available = available_.load(kRelaxed);
  std::int64_t taken;
  do {
    taken = std::clamp<std::int64_t>(available, 0, not_negative(at_most));
    if (taken == 0) return Money{};
  } while (!available_.compare_exchange_weak(available, available - taken, kAcquire, kRelaxed));
  slice_ -= Money::units(taken);
  return Money::units(taken);
}

// Whoever took from available_ before give_back() did has counted itself in holds_ before that: the one releases and
// the other acquires available_. Whoever comes after finds nothing there.
bool SpendAccount::is_quiet() const noexcept {
  return holds_.load(kAcquire) == 0 && MoneySum(Money::units(settled_.load(kRelaxed))) == appended_;
}

void SpendAccount::rebase(MoneySum spent_in_store, Money own_slice) noexcept {
  const MoneySum base = spent_in_store - appended_;
  const MoneySum spent_more = base - base_;
  const MoneySum slice_more = MoneySum(own_slice) - slice_;
  base_ = base;
  slice_ = own_slice;
  // Down before up, so that nobody sees room that is not there.
  if (slice_more.is_negative()) add(available_, slice_more, kAcquire);
  if (spent_more.is_negative()) add(spent_, spent_more, kRelease);
  add(used_, spent_more);
  if (!spent_more.is_negative()) add(spent_, spent_more, kRelease);
  if (!slice_more.is_negative()) add(available_, slice_more, kRelease);
  loaded_.store(true, kRelease);
}

void SpendAccount::appended(Money cost) noexcept {
  const MoneySum waiting = MoneySum(Money::units(settled_.load(kRelaxed))) - appended_;
  const MoneySum counted = std::min(MoneySum(Money::units(not_negative(cost))), waiting);
  appended_ += counted;
  slice_ -= counted;
}

}  // namespace gateway
