// How large a slice of a spend account a process should have: pure arithmetic, told what there is and what is wanted.
#pragma once

#include "gateway/money.h"
#include "gateway/store.h"

namespace gateway {

struct LeaseNeed {
  Money cap;
  Money free;     // of this process's slice: neither held nor waiting to be appended
  Money in_use;   // held, or waiting to be appended
  Money wanted;   // the largest hold that failed for want of a slice since the last look; zero: none
  bool idle = false;  // nothing has been held for a while
};

// The change to ask the store for: positive to take, negative to give back at most `free`, zero to leave it.
// Alone: takes half of what is left, at least what is wanted. With k processes: a 2k-th, at least what is wanted where
// that fits; all that is left once that is little, so that nothing is stranded. Gives back what exceeds twice its share
// when another process is there, and everything free when idle among others.
Money lease_change(const LeaseNeed& need, const AccountState& state) noexcept;

}  // namespace gateway
