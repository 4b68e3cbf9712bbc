#include "app/admin/thread.h"

#include <utility>

namespace gateway::app {

AdminThread::AdminThread(Answering answering)
    : answering_(std::move(answering)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

bool AdminThread::post(AdminRequest request, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || jobs_.size() >= kMostWaiting) return false;
    jobs_.push_back({std::move(request), std::move(done)});
  }
  changed_.notify_one();
  return true;
}

void AdminThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void AdminThread::run(const std::stop_token& stop) {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return !jobs_.empty(); });
      if (stop.stop_requested()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job.done(answering_(job.request));
  }
}

}  // namespace gateway::app
