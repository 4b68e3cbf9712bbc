// The library's event loop: epoll, a timer wheel, an eventfd to post to it. Linux.
#pragma once

#include <memory>

#include "gateway/loop.h"

namespace gateway {

class EpollLoop final : public Loop {
 public:
  EpollLoop();
  ~EpollLoop() override;

  /// Turns until stop(). The calling thread becomes the loop's.
  void run();
  /// One turn, waiting at most that long; for embedding into another loop and for tests.
  void run_once(Duration longest_wait);
  void stop();  ///< any thread

  TimePoint now() const override;
  WallTime wall() const override;
  TimePoint tick() const override;
  void arm(Alarm& alarm, TimePoint due) override;
  void disarm(Alarm& alarm) override;
  void watch(int fd, Watcher& watcher) override;
  void unwatch(int fd) override;
  void post(std::function<void()> work) override;
  void defer(Deferred& work) override;
  void defer_delete(std::function<void()> free) override;
  bool collect() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gateway
