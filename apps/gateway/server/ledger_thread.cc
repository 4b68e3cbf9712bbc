#include "gateway/server/ledger_thread.h"

#include <chrono>

namespace gateway::app {
namespace {

using std::chrono::seconds;

constexpr seconds kTrimEvery{10};
constexpr seconds kFinishWithin{10};

TimePoint monotonic_now() { return TimePoint(std::chrono::steady_clock::now()); }
WallTime wall_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

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
    const TimePoint next = now + kPumpEvery;
    core_.pump(now, wall_now());
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
    std::this_thread::sleep_for(kPumpEvery);
  }
}

}  // namespace gateway::app
