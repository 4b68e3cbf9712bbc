// The one thread that calls Core::pump, every few milliseconds.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "gateway/gateway.h"
#include "gateway/mapped_journal.h"

namespace gateway::app {

// When a row is to be in the database: promised to users. A transaction has its price, so there are as few as that
// allows.
inline constexpr std::chrono::milliseconds kStoredWithin{20};

class LedgerThread {
 public:
  // Both outlive it.
  LedgerThread(Core& core, MappedJournals& journals);
  ~LedgerThread();  // stops without finishing, if finish() was not called
  LedgerThread(const LedgerThread&) = delete;
  LedgerThread& operator=(const LedgerThread&) = delete;

  // Ends the thread and writes what is left in the journals. No worker runs any more. False: some of it could not be
  // written in time; it stays in the journals, for the next start.
  bool finish();

 private:
  void run();
  void stop();

  Core& core_;
  MappedJournals& journals_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // under mutex_
  std::thread thread_;
};

}  // namespace gateway::app
