#include "app/server/ledger_thread.h"

#include <algorithm>
#include <chrono>

#include "app/clock.h"

namespace gateway::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kUsualTransaction{1};
constexpr milliseconds kLeastPause{1};
constexpr milliseconds kRetryEvery{10};
constexpr seconds kTrimEvery{10};
constexpr seconds kFinishWithin{10};

}  // namespace

LedgerThread::LedgerThread(Core& core, MappedJournals& journals)
    : core_(core), journals_(journals), thread_([this] { run(); }) {}

LedgerThread::~LedgerThread() { stop(); }

void LedgerThread::run() {
  TimePoint trimmed = monotonic_now();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const TimePoint now = monotonic_now();
    const TimePoint stored_by = core_.pump(now, wall_now());
    const TimePoint done = monotonic_now();
    // The next transaction will take as long as this one did.
    const TimePoint next =
        std::max(stored_by - std::max<TimePoint::duration>(done - now, kUsualTransaction), done + kLeastPause);
    if (now - trimmed > kTrimEvery) {
      journals_.trim();
      trimmed = now;
    }
    lock.lock();
    changed_.wait_until(lock, next, [this] { return stopping_; });
  }
}

void LedgerThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool LedgerThread::finish() {
  stop();
  const TimePoint deadline = monotonic_now() + kFinishWithin;
  for (;;) {
    core_.pump(monotonic_now(), wall_now());
    if (core_.stats().ledger_queued == 0) return true;
    if (monotonic_now() > deadline) return false;
    std::this_thread::sleep_for(kRetryEvery);
  }
}

}  // namespace gateway::app
