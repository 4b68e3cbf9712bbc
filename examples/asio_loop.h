// The library on an event loop of your own: gateway::Loop over an asio::io_context.
//
// A turn begins when anything of the library is called for the first time, and ends once the handlers that were ready
// then have run: what was deferred runs there. Descriptors are in an epoll set of ours, which Asio watches as one
// descriptor: the library wants them edge-triggered, and Asio's own waits are not.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "gateway/loop.h"

// One thread, that of io_context::run(); only post() may be called on others. Outlives what uses it and the last
// io_context::run().
class AsioLoop final : public gateway::Loop {
 public:
  explicit AsioLoop(asio::io_context& io) : io_(io), timer_(io), epoll_(io, ::epoll_create1(EPOLL_CLOEXEC)) {
    await_descriptors();
  }
  ~AsioLoop() override {
    run_deferred();
    while (!armed_.empty()) disarm(*armed_.begin()->second);
  }

  // --- time
  gateway::TimePoint now() const override { return begin_turn(), now_; }
  gateway::WallTime wall() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
  gateway::TimePoint tick() const override { return gateway::TimePoint(std::chrono::steady_clock::now()); }

  // Alarm::hook belongs to the loop: `owner` says who has armed it, `due` finds it in the set.
  void arm(gateway::Alarm& alarm, gateway::TimePoint due) override {
    alarm.disarm();
    alarm.hook.owner = this;
    alarm.hook.due = due;
    armed_.emplace(due, &alarm);
    await_alarms();
  }
  void disarm(gateway::Alarm& alarm) override {
    armed_.erase({alarm.hook.due, &alarm});
    alarm.hook = {};
  }

  // --- descriptors
  void watch(int fd, gateway::Watcher& watcher) override {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.u64 = ++last_watch_;
    watches_[fd] = {last_watch_, &watcher};
    watchers_[last_watch_] = fd;
    ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &event);
  }
  // An event of it that was collected already finds no watcher any more.
  void unwatch(int fd) override {
    const auto found = watches_.find(fd);
    if (found == watches_.end()) return;
    watchers_.erase(found->second.first);
    watches_.erase(found);
    ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
  }

  // --- work
  void post(std::function<void()> work) override {
    asio::post(io_, [this, work = std::move(work)] {
      begin_turn();
      work();
    });
  }
  void defer(Deferred& work) override {
    if (std::exchange(work.deferred, true)) return;
    deferred_.push_back(&work);
    begin_turn();
  }
  void defer_delete(std::function<void()> free) override {
    frees_.push_back(std::move(free));
    begin_turn();
  }

 private:
  void begin_turn() const {
    if (std::exchange(in_turn_, true)) return;
    now_ = tick();
    asio::post(io_, [this] { const_cast<AsioLoop*>(this)->end_turn(); });
  }
  void end_turn() {
    run_deferred();
    in_turn_ = false;
  }
  // All work, also what is added meanwhile; what is to be freed only after it.
  void run_deferred() {
    while (!deferred_.empty() || !frees_.empty()) {
      for (const auto& work : std::exchange(deferred_, {})) {
        work->deferred = false;
        work->run_deferred();
      }
      if (!deferred_.empty()) continue;
      for (const auto& free : std::exchange(frees_, {})) free();
    }
  }

  // One timer, for the alarm that is due first.
  void await_alarms() {
    if (armed_.empty() || (awaited_ && *awaited_ <= armed_.begin()->first)) return;
    awaited_ = armed_.begin()->first;
    timer_.expires_at(*awaited_);
    timer_.async_wait([this](const asio::error_code& error) {
      if (!error) ring();
    });
  }
  // An alarm that is armed meanwhile waits for the next time, also if it is due.
  void ring() {
    awaited_.reset();
    begin_turn();
    for (std::size_t left = armed_.size(); left > 0 && !armed_.empty() && armed_.begin()->first <= now_; --left) {
      gateway::Alarm& alarm = *armed_.begin()->second;
      disarm(alarm);
      alarm.on_alarm();
    }
    await_alarms();
  }

  void await_descriptors() {
    epoll_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const asio::error_code& error) {
      if (error) return;
      begin_turn();
      dispatch();
      await_descriptors();
    });
  }
  void dispatch() {
    constexpr unsigned kGone = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    std::array<epoll_event, 64> events;
    const int ready = ::epoll_wait(epoll_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const auto found = watchers_.find(event.data.u64);
      if (found == watchers_.end()) continue;
      gateway::Watcher& watcher = *watches_.at(found->second).second;
      watcher.on_ready((event.events & (EPOLLIN | kGone)) != 0, (event.events & (EPOLLOUT | EPOLLERR)) != 0,
                       (event.events & kGone) != 0);
    }
  }

  asio::io_context& io_;
  asio::steady_timer timer_;
  asio::posix::stream_descriptor epoll_;

  mutable bool in_turn_ = false;
  mutable gateway::TimePoint now_{};
  std::set<std::pair<gateway::TimePoint, gateway::Alarm*>> armed_;
  std::optional<gateway::TimePoint> awaited_;  // what the timer is set to
  std::uint64_t last_watch_ = 0;
  std::map<int, std::pair<std::uint64_t, gateway::Watcher*>> watches_;  // by descriptor: its number and its watcher
  std::map<std::uint64_t, int> watchers_;                               // by number; a number is used once
  std::vector<Deferred*> deferred_;
  std::vector<std::function<void()>> frees_;
};
