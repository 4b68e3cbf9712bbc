#include "gateway/epoll_loop.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/fd.h"
#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

struct Pair {
  Pair() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    ours.reset(fds[0]);
    theirs.reset(fds[1]);
  }
  void say(const std::string& text) const { REQUIRE(::write(theirs.get(), text.data(), text.size()) > 0); }
  net::UniqueFd ours, theirs;
};

struct Ear final : Watcher {
  std::function<void(bool, bool, bool)> hear;
  int heard = 0;
  void on_ready(bool readable, bool writable, bool hang_up) override {
    ++heard;
    if (hear) hear(readable, writable, hang_up);
  }
  bool is_idle() const noexcept override { return idle; }
  bool idle = false;
};

struct Bell final : Alarm {
  std::function<void()> ring;
  void on_alarm() override { ring(); }
};

struct Chore final : Loop::Deferred {
  std::function<void()> work;
  void run_deferred() override { work(); }
};

}  // namespace

TEST_CASE("a descriptor is reported once per edge", "[net][epoll_loop]") {
  EpollLoop loop;
  Pair pair;
  Ear ear;
  bool readable = false, writable = false, hang_up = false;
  ear.hear = [&](bool r, bool w, bool h) { readable = r, writable = w, hang_up = h; };
  loop.watch(pair.ours.get(), ear);
  loop.run_once(0s);
  CHECK(ear.heard == 1);
  CHECK((!readable && writable && !hang_up));
  pair.say("x");
  loop.run_once(0s);
  CHECK(ear.heard == 2);
  CHECK((readable && !hang_up));
  loop.run_once(0s);
  CHECK(ear.heard == 2);  // unread, but no new edge
  pair.theirs.reset();
  loop.run_once(0s);
  CHECK(hang_up);
  loop.unwatch(pair.ours.get());
}

TEST_CASE("no event comes after unwatch, not even one of the same batch", "[net][epoll_loop]") {
  EpollLoop loop;
  Pair a, b;
  Ear ear_a, ear_b;
  loop.watch(a.ours.get(), ear_a);
  loop.watch(b.ours.get(), ear_b);
  loop.run_once(0s);
  ear_a.heard = ear_b.heard = 0;
  // Both are in one batch; whichever is first takes the other away.
  ear_a.hear = [&](bool, bool, bool) { loop.unwatch(b.ours.get()); };
  ear_b.hear = [&](bool, bool, bool) { loop.unwatch(a.ours.get()); };
  a.say("x");
  b.say("x");
  loop.run_once(0s);
  CHECK(ear_a.heard + ear_b.heard == 1);
}

TEST_CASE("a descriptor number that is used again does not hear of its former life", "[net][epoll_loop]") {
  EpollLoop loop;
  Pair a, b;
  Ear old_b, new_b;
  Ear first;
  loop.watch(a.ours.get(), first);
  loop.watch(b.ours.get(), old_b);
  loop.run_once(0s);
  first.heard = old_b.heard = 0;
  Pair fresh;
  bool told_data = false;
  new_b.hear = [&](bool r, bool, bool) { told_data = told_data || r; };
  const auto swap = [&](Ear& other) {
    return [&, other = &other](bool, bool, bool) {
      if (other->heard > 0 || new_b.heard > 0 || !b.ours) return;
      loop.unwatch(b.ours.get());
      REQUIRE(::dup2(fresh.ours.get(), b.ours.get()) == b.ours.get());
      loop.watch(b.ours.get(), new_b);
    };
  };
  first.hear = swap(old_b);
  a.say("x");
  b.say("x");
  loop.run_once(0s);
  CHECK(first.heard == 1);
  CHECK(old_b.heard == 0);  // a's event comes first: it became ready first
  CHECK(new_b.heard == 0);
  loop.run_once(0s);
  CHECK(new_b.heard == 1);
  CHECK_FALSE(told_data);
}

TEST_CASE("watchers may unwatch and destroy themselves", "[net][epoll_loop]") {
  EpollLoop loop;
  Pair pair;
  auto ear = std::make_unique<Ear>();
  ear->hear = [&](bool, bool, bool) {
    loop.unwatch(pair.ours.get());
    ear.reset();
  };
  loop.watch(pair.ours.get(), *ear);
  loop.run_once(0s);
  CHECK(ear == nullptr);
  pair.say("x");
  loop.run_once(0s);
}

TEST_CASE("a descriptor that cannot be watched is reported as broken", "[net][epoll_loop]") {
  EpollLoop loop;
  net::UniqueFd file(::memfd_create("plain file", 0));
  Ear ear;
  bool hang_up = false;
  ear.hear = [&](bool, bool, bool h) { hang_up = h; };
  loop.watch(file.get(), ear);
  CHECK(ear.heard == 0);
  loop.run_once(0s);
  CHECK(hang_up);
}

TEST_CASE("work posted from other threads runs on the loop's thread, all of it, in order",
          "[net][epoll_loop][threads]") {
  EpollLoop loop;
  constexpr int kThreads = 4, kEach = 2000;
  std::vector<int> last(kThreads, -1);
  int done = 0;
  bool in_order = true, on_thread = true;
  const auto home = std::this_thread::get_id();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        loop.post([&, t, i] {
          in_order = in_order && last[static_cast<std::size_t>(t)] == i - 1;
          on_thread = on_thread && std::this_thread::get_id() == home;
          last[static_cast<std::size_t>(t)] = i;
          if (++done == kThreads * kEach) loop.stop();
        });
      }
    });
  }
  loop.run();
  for (auto& thread : threads) thread.join();
  CHECK(done == kThreads * kEach);
  CHECK(in_order);
  CHECK(on_thread);
}

TEST_CASE("work posted by posted work runs in the next turn", "[net][epoll_loop]") {
  EpollLoop loop;
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    loop.post(again);
  };
  loop.post(again);
  loop.run_once(0s);
  CHECK(runs == 1);
  loop.run_once(0s);
  CHECK(runs == 2);
}

TEST_CASE("stop before run, and from another thread, ends run", "[net][epoll_loop][threads]") {
  EpollLoop loop;
  loop.stop();
  loop.run();
  std::thread other([&] { loop.stop(); });
  loop.run();
  other.join();
}

TEST_CASE("deferred work runs at the end of the turn, once, and frees come last", "[net][epoll_loop]") {
  EpollLoop loop;
  Pair pair;
  std::vector<std::string> order;
  Chore first, second;
  Bell bell;
  Ear ear;
  first.work = [&] {
    order.push_back("first");
    loop.defer(second);
  };
  second.work = [&] { order.push_back("second"); };
  bell.ring = [&] { order.push_back("alarm"); };
  ear.hear = [&](bool, bool, bool) {
    order.push_back("event");
    loop.defer_delete([&] {
      order.push_back("free");
      loop.defer(second);
    });
    loop.defer(first);
    loop.defer(first);
  };
  loop.watch(pair.ours.get(), ear);
  loop.arm(bell, loop.now() - 1s);
  while (order.empty() || order.front() == "alarm") {
    order.clear();
    loop.run_once(10ms);
  }
  loop.unwatch(pair.ours.get());
  std::erase(order, "alarm");
  CHECK(order == std::vector<std::string>{"event", "first", "second", "free", "second"});
  CHECK_FALSE(first.deferred);
}

TEST_CASE("work deferred outside a turn does not wait for an event", "[net][epoll_loop]") {
  EpollLoop loop;
  bool done = false;
  Chore chore;
  chore.work = [&] { done = true; };
  loop.defer(chore);
  loop.run_once(1h);
  CHECK(done);
}

TEST_CASE("what is deferred when a loop ends is still freed", "[net][epoll_loop]") {
  auto thing = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = thing;
  {
    EpollLoop loop;
    loop.defer_delete([thing] {});
    thing.reset();
    CHECK_FALSE(watch.expired());
  }
  CHECK(watch.expired());
}

TEST_CASE("the loop sleeps until the next alarm and rings it on time by its own clock", "[net][epoll_loop]") {
  EpollLoop loop;
  Bell near, far;
  std::vector<std::string> order;
  const TimePoint due = loop.tick() + 20ms;
  far.ring = [&] { order.push_back("far"); };
  near.ring = [&] {
    order.push_back("near");
    CHECK(loop.now() >= due);
    loop.stop();
  };
  loop.arm(far, loop.now() + 3h);
  loop.arm(near, due);
  loop.run();
  CHECK(order == std::vector<std::string>{"near"});
  CHECK(far.armed());
}

TEST_CASE("now and wall stand still within a turn, tick does not go back", "[net][epoll_loop]") {
  EpollLoop loop;
  bool seen = false;
  loop.post([&] {
    const auto now = loop.now();
    const auto wall = loop.wall();
    TimePoint tick = loop.tick();
    CHECK(tick >= now);
    while (loop.tick() == tick) {
    }
    CHECK(loop.tick() > tick);
    CHECK(loop.now() == now);
    CHECK(loop.wall() == wall);
    seen = true;
  });
  loop.run_once(1s);
  CHECK(seen);
}

TEST_CASE("deferred work can have reported to idle watchers what has come since the turn began", "[net][epoll_loop]") {
  EpollLoop loop;
  Pair pair, other, busy;
  Ear ear, gone, worker;
  ear.idle = gone.idle = true;
  loop.watch(pair.ours.get(), ear);
  loop.watch(other.ours.get(), gone);
  loop.watch(busy.ours.get(), worker);
  loop.run_once(0ms);             // all are writable
  REQUIRE_FALSE(loop.collect());  // there are events and alarms to come in a turn
  ear.heard = gone.heard = worker.heard = 0;

  Chore chore;
  bool first = false, again = false, writable = false, hang_up = false;
  ear.hear = [&](bool, bool w, bool h) { writable = w, hang_up = h; };
  chore.work = [&] {
    pair.theirs.reset();
    other.say("nobody asked");
    loop.unwatch(other.ours.get());
    busy.say("an answer");
    first = loop.collect();
    REQUIRE(ear.heard == 1);
    REQUIRE(worker.heard == 0);
    again = loop.collect();
  };
  loop.defer(chore);
  loop.run_once(0ms);
  REQUIRE(first);
  REQUIRE(again);
  REQUIRE(writable);
  REQUIRE(hang_up);
  loop.run_once(10s);  // which does not wait
  REQUIRE(worker.heard == 1);
  REQUIRE(ear.heard == 1);
  REQUIRE(gone.heard == 0);
}

TEST_CASE("more events than a loop collects at once are all reported", "[net][epoll_loop]") {
  EpollLoop loop;
  std::vector<Pair> pairs(700);
  std::vector<Ear> ears(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) loop.watch(pairs[i].ours.get(), ears[i]);
  loop.run_once(0ms);
  loop.run_once(0ms);
  for (Ear& ear : ears) {
    REQUIRE(ear.heard == 1);
    ear.idle = true;
  }
  Chore chore;
  bool all = true;
  chore.work = [&] {
    for (Pair& pair : pairs) pair.theirs.reset();
    all = loop.collect();
  };
  loop.defer(chore);
  loop.run_once(0ms);
  REQUIRE_FALSE(all);
  loop.run_once(0ms);
  for (const Ear& ear : ears) REQUIRE(ear.heard == 2);
}
