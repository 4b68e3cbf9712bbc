// The one thread that answers the administration's calls, so that no worker waits for the database.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "app/admin/api.h"

namespace gateway::app {

class AdminThread {
 public:
  using Answering = std::function<AdminAnswer(const AdminRequest&)>;
  using Done = std::function<void(AdminAnswer)>;
  static constexpr std::size_t kMostWaiting = 64;

  explicit AdminThread(Answering answering);
  ~AdminThread() { stop(); }
  AdminThread(const AdminThread&) = delete;
  AdminThread& operator=(const AdminThread&) = delete;

  // Any thread. `done` is called on this one's. False: too many wait already, or it was stopped.
  bool post(AdminRequest request, Done done);
  // The call it is at is finished, those that wait are dropped; nothing is called any more.
  void stop();

 private:
  struct Job {
    AdminRequest request;
    Done done;
  };
  void run(const std::stop_token& stop);

  Answering answering_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Job> jobs_;  // under mutex_
  bool stopped_ = false;  // under mutex_
  std::jthread thread_;   // last: it uses all of the above
};

}  // namespace gateway::app
