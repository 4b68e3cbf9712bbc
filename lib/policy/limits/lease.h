// How large a slice of a spend account a process should have. The taking itself is Leases::change_slices'.
#pragma once

#include "gateway/leases.h"
#include "gateway/money.h"
#include "gateway/time.h"

namespace gateway {

inline constexpr Duration kIdleBeforeReturn = std::chrono::seconds(2);

// What this process needs of an account, over the last second or so. Zero: not known, or none.
struct SliceNeed {
  Money free{};      // of its slice: neither held nor spent; what it may admit now
  Money smallest{};  // the smallest single hold that was requested
  Money largest{};   // the largest
  Money demand{};    // the sum of holds requested in a second
  Duration idle{};   // since the last one was requested
};

// By how much the slice should grow (positive) or shrink (negative, at most `free`); zero: leave it. To be called again
// after each change, and every few milliseconds while holds fail for want of a slice.
//
// - Alone: half of what can be reached, and at least the largest hold.
// - With k processes: a 2k-th of it, bounded by the demand if that is known, and at least the largest hold. So
// slices
//   shrink towards single holds as the cap nears.
// - If not even the smallest hold can be reached, nothing is kept: what cannot be used here may be of use elsewhere.
// - After kIdleBeforeReturn without need: all that is free goes back.
//
// A process whose `free` is zero when it falls idle should still call Leases::change_slices with zero once: that takes
// back its claim, and the others count one process less.
Money slice_change(Money cap, const AccountState& state, const SliceNeed& need);

}  // namespace gateway
