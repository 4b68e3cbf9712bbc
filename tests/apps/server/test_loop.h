// A loop that a test turns by hand, over real descriptors and a stopped clock.
#pragma once

#include <poll.h>

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "gateway/loop.h"
#include "gateway/testing/manual_timer.h"
#include "net/deferred_queue.h"

namespace gateway::app {

class TestLoop final : public Loop {
 public:
  TimePoint now() const override { return clock_.now(); }
  WallTime wall() const override { return clock_.wall(); }
  TimePoint tick() const override { return clock_.tick(); }
  void arm(Alarm& alarm, TimePoint due) override { clock_.arm(alarm, due); }
  void disarm(Alarm& alarm) override { clock_.disarm(alarm); }
  void watch(int fd, Watcher& watcher) override { watched_[fd] = &watcher; }
  void unwatch(int fd) override { watched_.erase(fd); }
  void post(std::function<void()> work) override { posted_.push_back(std::move(work)); }
  void defer(Deferred& work) override { deferred_.add(work); }
  void defer_delete(std::function<void()> free) override { deferred_.add_free(std::move(free)); }

  // One turn: what is ready, then what falls due within `time`, then what was deferred.
  void turn(Duration time = Duration::zero()) {
    for (const auto& work : std::exchange(posted_, {})) work();
    std::vector<pollfd> ready;
    for (const auto& [fd, watcher] : watched_) ready.push_back({fd, POLLIN | POLLOUT | POLLRDHUP, 0});
    ::poll(ready.data(), ready.size(), 0);
    for (const pollfd& each : ready) {
      const auto found = watched_.find(each.fd);
      const bool gone = (each.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
      if (each.revents == 0 || found == watched_.end()) continue;
      found->second->on_ready((each.revents & POLLIN) != 0 || gone, (each.revents & POLLOUT) != 0, gone);
    }
    clock_.advance(time);
    deferred_.run();
  }
  void turns(int count) {
    while (count-- > 0) turn();
  }

  testing::ManualTimer& clock() { return clock_; }

 private:
  testing::ManualTimer clock_;
  std::map<int, Watcher*> watched_;
  std::vector<std::function<void()>> posted_;
  net::DeferredQueue deferred_;
};

}  // namespace gateway::app
