#include "app/admin/threads.h"

#include <algorithm>
#include <utility>

namespace gateway::app {
namespace {

bool is_of_key(const AdminRequest& request) noexcept { return !request.key_id.empty() || request.key_hash; }

}  // namespace

AdminThreads::AdminThreads(Answering answering) : answering_(std::move(answering)) {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

bool AdminThreads::post(AdminRequest request, Write write, Done done, std::function<bool()> is_wanted) {
  {
    const std::lock_guard lock(mutex_);
    std::deque<Job>& waiting = is_of_key(request) ? of_keys_ : jobs_;
    if (stopped_ || waiting.size() >= kMostWaiting) return false;
    const auto is_same = [&request](const Job& each) {
      return each.request.key_id == request.key_id && each.request.key_hash == request.key_hash;
    };
    const auto of_key = static_cast<std::size_t>(std::count_if(of_keys_.begin(), of_keys_.end(), is_same));
    if (of_key >= kMostWaitingOfKey) return false;
    waiting.push_back({std::move(request), std::move(write), std::move(done), std::move(is_wanted)});
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
    bool of_key = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return has_next(); });
      if (stop.stop_requested()) return;
      of_key = jobs_.empty();
      std::deque<Job>& waiting = of_key ? of_keys_ : jobs_;
      job = std::move(waiting.front());
      waiting.pop_front();
      keys_running_ += of_key ? 1 : 0;
    }
    if (job.is_wanted()) {
      const auto write = [&](std::string piece) { return job.write(std::move(piece), stop); };
      job.done(answering_(job.request, write));
    }
    if (!of_key) continue;
    const std::lock_guard lock(mutex_);
    --keys_running_;
    changed_.notify_one();
  }
}

bool AdminThreads::has_next() const noexcept {
  return !jobs_.empty() || (!of_keys_.empty() && keys_running_ < kThreads - 1);
}

}  // namespace gateway::app
