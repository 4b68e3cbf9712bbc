// Queries a provider afterwards for the cost of a call that was cut off before it was reported, and books the
// difference as an adjustment row. One worker's.
#pragma once

#include <map>
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
  static constexpr std::size_t kMostPending = 1024;

  Backfill(CoreState& core, Timer& timer, Upstream& upstream, Journal& journal)
      : core_(core), timer_(timer), upstream_(upstream), journal_(journal) {}
  ~Backfill();  // logs how many it leaves to the next start
  Backfill(const Backfill&) = delete;
  Backfill& operator=(const Backfill&) = delete;

  // From now on it is also this one that queries what Core::resume_backfill() found. One worker's alone.
  void start() { take_up(); }
  // A settled row with row_flag::backfill_pending. Past a bound it is not queried, and left to reconciliation.
  void add(const Row& row) { add(row, timer_.now() + kFirstDelay); }

 private:
  struct Pending {
    Row row;
    int tries = 0;
  };
  using Queue = std::multimap<TimePoint, Pending>;  // by when they are to be queried

  void add(const Row& row, TimePoint due);
  void take_up();
  void poll();
  void take(Queue::iterator asked, const Result<Fetch::Answer>& answer);
  bool book(const Row& row, const Generation& told);
  void give_up(const Row& row, std::string_view why);

  static constexpr Duration kFirstDelay = std::chrono::seconds(2);

  CoreState& core_;
  Timer& timer_;
  Upstream& upstream_;
  Journal& journal_;
  Queue pending_;
  std::unique_ptr<Fetch> fetch_;  // about one of them, which stays where it is meanwhile
  int room_ = 0;                  // records reserved in the journal: it reserves two at a time
  MemberAlarm<Backfill, &Backfill::poll> alarm_{*this};
  MemberAlarm<Backfill, &Backfill::take_up> take_up_alarm_{*this};
};

}  // namespace gateway
