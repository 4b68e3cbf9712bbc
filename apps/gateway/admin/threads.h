// The threads that answer the administration's calls, so that no worker waits for the database.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "app/admin/api.h"

namespace gateway::app {

class AdminThreads {
 public:
  using Answering = std::function<AdminAnswer(const AdminRequest&, const WritePiece&)>;
  using Done = std::function<void(AdminAnswer)>;
  // As WritePiece; it returns false once the token requests it.
  using Write = std::function<bool(std::string, const std::stop_token&)>;
  static constexpr std::size_t kMostWaiting = 64;       // of administrators, and as many of projects' keys
  static constexpr std::size_t kMostWaitingOfKey = 16;  // of one of them
  static constexpr int kThreads = 4;  // so that a long proof of the ledger does not keep a change of a key waiting

  explicit AdminThreads(Answering answering);
  ~AdminThreads() { stop(); }
  AdminThreads(const AdminThreads&) = delete;
  AdminThreads& operator=(const AdminThreads&) = delete;

  // Any thread. `write`, `done` and `is_wanted` are called on one of these. False: too many wait already, or it was
  // stopped. A call that nobody wants any more when its turn comes is dropped: `done` is not called.
  // An administrator's calls come before those of projects' keys, which never have all threads: whoever has a key keeps
  // nobody from revoking it.
  bool post(AdminRequest request, Write write, Done done, std::function<bool()> is_wanted);
  // Calls under way are finished, their streams break off, those that wait are dropped; nothing is called any more.
  void stop();

 private:
  struct Job {
    AdminRequest request;
    Write write;
    Done done;
    std::function<bool()> is_wanted;
  };
  void run(const std::stop_token& stop);
  bool has_next() const noexcept;

  Answering answering_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Job> jobs_, of_keys_;     // under mutex_
  int keys_running_ = 0;               // under mutex_
  bool stopped_ = false;               // under mutex_
  std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace gateway::app
