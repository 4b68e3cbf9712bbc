#include "app/admin/threads.h"

#include <utility>

namespace gateway::app {

AdminThreads::AdminThreads(Answering answering) : answering_(std::move(answering)) {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

bool AdminThreads::post(AdminRequest request, Write write, Done done, std::function<bool()> is_wanted) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || jobs_.size() >= kMostWaiting) return false;
    jobs_.push_back({std::move(request), std::move(write), std::move(done), std::move(is_wanted)});
  }
  changed_.notify_one();
  return true;
}

void AdminThreads::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void AdminThreads::run(const std::stop_token& stop) {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return !jobs_.empty(); });
      if (stop.stop_requested()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    if (!job.is_wanted()) continue;
    const auto write = [&](std::string piece) { return job.write(std::move(piece), stop); };
    job.done(answering_(job.request, write));
  }
}

}  // namespace gateway::app
