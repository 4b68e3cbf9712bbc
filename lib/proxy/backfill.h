// Asks a provider afterwards what a call cost that was cut off before it said so, and books the difference as an
// adjustment row. One worker's.
#pragma once

#include <deque>
#include <memory>
#include <string_view>

#include "gateway/row.h"
#include "gateway/timer.h"
#include "proxy/fetch.h"

namespace gateway {

struct Generation;
class CoreState;
class Journal;

class Backfill {
 public:
  Backfill(CoreState& core, Timer& timer, Upstream& upstream, Journal& journal)
      : core_(core), timer_(timer), upstream_(upstream), journal_(journal) {}

  // A settled row with row_flag::backfill_pending. Past a bound it is not asked about, and left to reconciliation.
  void add(const Row& row);

 private:
  struct Pending {
    Row row;
    TimePoint next{};
    int tries = 0;
  };
  void look();
  void ask();
  void take(const Result<Fetch::Answer>& answer);
  bool book(const Row& row, const Generation& told);

  static constexpr std::size_t kMostPending = 1024;

  CoreState& core_;
  Timer& timer_;
  Upstream& upstream_;
  Journal& journal_;
  std::deque<Pending> pending_;   // in the order in which they are to be asked about
  std::unique_ptr<Fetch> fetch_;  // about the first of them
  MemberAlarm<Backfill, &Backfill::look> alarm_{*this};
};

}  // namespace gateway
