// A complete gateway of two workers, its clients, its providers and its store, to which anything may happen in any
// order. Everything follows from one seed.
#pragma once

#include <deque>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/bench_gateway.h"

namespace gateway::testing {

// Finds loops that wait for a time that has come: alarms armed again and again while the clock is stopped.
class WatchedTimer final : public Timer {
 public:
  TimePoint now() const override { return clock.now(); }
  WallTime wall() const override { return clock.wall(); }
  TimePoint tick() const override { return clock.tick(); }
  void arm(Alarm& alarm, TimePoint due) override {
    if (clock.now() != since_) since_ = clock.now(), armed_ = 0;
    if (++armed_ > kMostArmed) detail::die("alarms are armed again and again, and the time stands still");
    clock.arm(alarm, due);
  }
  void disarm(Alarm& alarm) override { clock.disarm(alarm); }

  ManualTimer clock;

 private:
  static constexpr int kMostArmed = 10'000;
  TimePoint since_{};
  int armed_ = 0;
};

class RandomWorld {
 public:
  explicit RandomWorld(unsigned seed);

  // One thing happens.
  void step();
  // Everything heals, clients that have not left are served to their end, time passes. Gives what is wrong then, or
  // nothing.
  std::vector<std::string> end();

 private:
  // One request of a client that may leave at any time.
  struct Visit {
    FakeClient client;
    std::unique_ptr<Exchange> exchange;
    std::string unsent;  // of its body
    bool left = false;   // or its body never came to an end
    bool streamed = false;
    bool uploads = false;  // a form, which may be sent while it comes
  };
  enum class Script : std::uint8_t { asked, stream, document, ended };

  unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }
  template <class T>
  const T& one_of(const std::vector<T>& things) {
    return things[pick(static_cast<unsigned>(things.size()))];
  }
  void advance(Duration by);
  void pump() { core_->pump(timer_.now(), timer_.wall()); }
  Config some_config();

  // A new key of a project, if the store takes it.
  void add_key(std::string project);
  std::unique_ptr<Exchange> open(Client& client, unsigned worker, std::string_view method, std::string_view path,
                                 std::string_view key, std::optional<std::uint64_t> length = {},
                                 std::string_view content_type = {});

  void client_asks();
  void client_uploads();
  void client_goes_on();
  void client_reads_or_leaves();
  void client_looks_around();
  void provider_acts();
  void provider_answers_at(std::size_t call);
  void time_passes();
  void configuration_changes();
  void key_changes();
  void store_acts();

  void serve_to_the_end();
  void check_clients();
  void check_rows();
  void check_money();
  void check_key_facts(const ProjectConfig& project, const std::string& key);
  void expect(bool holds, std::string what) {
    if (!holds) wrong_.push_back(std::move(what));
  }

  std::mt19937 random_;
  MemoryStore store_;
  WatchedTimer timer_;
  FakeUpstream upstream_;
  Config base_;
  std::unique_ptr<Core> core_;
  std::vector<std::unique_ptr<Gateway>> gateways_;
  std::deque<Visit> visits_;  // after the gateways: an Exchange ends before its Gateway
  std::vector<Script> scripts_;
  std::vector<std::string> keys_;  // one of each project first, which never ends
  std::vector<std::string> wrong_;
};

}  // namespace gateway::testing
