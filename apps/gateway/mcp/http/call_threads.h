// The threads that answer tools' calls, so that no worker waits for the database.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace gateway::app::mcp {

class CallThreads {
 public:
  static constexpr std::size_t kMaxWaiting = 64;
  static constexpr int kThreads = 2;

  CallThreads();
  ~CallThreads() { stop(); }
  CallThreads(const CallThreads&) = delete;
  CallThreads& operator=(const CallThreads&) = delete;

  // Any thread; `job` runs on one of these. False: too many wait already, or it was stopped.
  bool post(std::function<void()> job);
  // Jobs under way are finished, those that wait are dropped.
  void stop();

 private:
  void run(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> jobs_;  // under mutex_
  bool stopped_ = false;                    // under mutex_
  std::vector<std::jthread> threads_;       // last: they use all of the above
};

}  // namespace gateway::app::mcp
