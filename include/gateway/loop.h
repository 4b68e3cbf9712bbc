// An event loop as the adapters need it: a Timer that also reports when descriptors are ready and runs posted work.
// The library's own is EpollLoop; an embedder may implement this over the loop of a host program.
#pragma once

#include <cstdint>
#include <functional>

#include "gateway/timer.h"

namespace gateway {

/// Hears of one descriptor. May be unwatched, and destroyed, inside on_ready.
class Watcher {
 public:
  /// Edge-triggered: read and write until EAGAIN. `hang_up`: the peer has closed, or the descriptor is broken.
  virtual void on_ready(bool readable, bool writable, bool hang_up) = 0;
  /// Nothing is expected to happen to it: if something does, Loop::collect() reports it at once.
  virtual bool is_idle() const noexcept { return false; }

 protected:
  ~Watcher() = default;
};

class Loop : public Timer {
 public:
  /// Registers once, for both directions, edge-triggered. The descriptor stays the caller's.
  virtual void watch(int fd, Watcher& watcher) = 0;
  /// No event for it is delivered after this, not even one already collected in this turn. Call before close().
  virtual void unwatch(int fd) = 0;
  /// Runs `work` in the next turn. Any thread.
  virtual void post(std::function<void()> work) = 0;
  /// Runs `work` at the end of this turn, after all events and alarms: for freeing what may still be on the stack, and
  /// for writing once what a turn has gathered. The loop's own thread only. Work may defer more, which runs in the same
  /// turn.
  class Deferred {
   public:
    virtual void run_deferred() = 0;
    Deferred* next_deferred = nullptr;  ///< the loop's; non-null or `deferred` while queued
    bool deferred = false;

   protected:
    ~Deferred() = default;
  };
  virtual void defer(Deferred& work) = 0;  ///< no-op when queued already; `work` must stay alive until run
  virtual void defer_delete(std::function<void()> free) = 0;
  /// Called by deferred work: once a turn, looks for events that have come since the turn began. Idle watchers hear of
  /// theirs during the call, the others in the next turn. False: idle watchers may not have heard of everything yet.
  virtual bool collect() { return false; }
};

}  // namespace gateway
