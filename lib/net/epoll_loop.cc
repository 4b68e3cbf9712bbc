#include "gateway/epoll_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/result.h"
#include "net/deferred_queue.h"
#include "net/fd.h"
#include "net/ready_table.h"
#include "net/timer_wheel.h"

namespace gateway {
namespace {

TimePoint monotonic() { return TimePoint(std::chrono::steady_clock::now()); }

int checked(int fd, const char* call) {
  if (fd < 0) detail::die((std::string(call) + ": " + std::strerror(errno)).c_str());
  return fd;
}

}  // namespace

struct EpollLoop::State final : Watcher {
  explicit State(EpollLoop& loop)
      : epoll(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
        wakeup(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
        now(monotonic()),
        wheel(loop, now) {
    add(wakeup.get(), *this);
  }

  void add(int fd, Watcher& watcher);
  void post(std::function<void()> work);
  void wake() const;
  void on_ready(bool readable, bool writable, bool hang_up) override;
  int patience(Duration longest);
  void dispatch(const epoll_event& event);
  std::size_t fetch(int patience);
  bool report_to_idle();

  net::UniqueFd epoll, wakeup;
  TimePoint now;
  std::optional<WallTime> wall;  // of this turn, once it was requested
  net::ReadyTable table;
  std::array<epoll_event, 512> events;
  std::size_t pending = 0;  // events that came ahead of the turn that dispatches them

  enum class Phase : std::uint8_t { events, deferred, collected_all, collected_some };
  Phase phase = Phase::events;

  std::atomic<bool> stopping{false};
  std::mutex mutex;
  std::vector<std::function<void()>> posted;  // under `mutex`

  net::TimerWheel wheel;
  net::DeferredQueue deferred;
};

void EpollLoop::State::add(int fd, Watcher& watcher) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = table.add(fd, watcher);
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0) return;
  // The kernel's limit of watches, say: as good as broken for whoever owns the descriptor.
  event.events = EPOLLERR;
  post([this, event] { dispatch(event); });
}

void EpollLoop::State::post(std::function<void()> work) {
  bool first;
  {
    const std::lock_guard lock(mutex);
    first = posted.empty();
    posted.push_back(std::move(work));
  }
  if (first) wake();
}

void EpollLoop::State::wake() const {
  const std::uint64_t one = 1;
  while (::write(wakeup.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
}

// Edge-triggered, each write to the eventfd is an event of its own: its count need not be read.
void EpollLoop::State::on_ready(bool, bool, bool) {
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex);
    work.swap(posted);
  }
  for (const auto& each : work) each();
}

// Milliseconds that epoll may wait, rounded up so that no turn comes just before an alarm.
int EpollLoop::State::patience(Duration longest) {
  if (!deferred.empty()) return 0;
  if (const auto next = wheel.next()) longest = std::min(longest, *next - monotonic());
  if (longest <= Duration::zero()) return 0;
  constexpr Duration kMost = std::chrono::milliseconds(INT_MAX);
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(std::min(longest, kMost)).count());
}

void EpollLoop::State::dispatch(const epoll_event& event) {
  constexpr unsigned kGone = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if (Watcher* watcher = table.find(event.data.u64)) {
    watcher->on_ready((event.events & (EPOLLIN | kGone)) != 0, (event.events & (EPOLLOUT | EPOLLERR)) != 0,
                      (event.events & kGone) != 0);
  }
}

// Adds what has come to the events that are pending, and returns how many that was.
std::size_t EpollLoop::State::fetch(int patience) {
  const std::size_t room = events.size() - pending;
  if (room == 0) return 0;
  const int ready = ::epoll_wait(epoll.get(), events.data() + pending, static_cast<int>(room), patience);
  const std::size_t more = ready > 0 ? static_cast<std::size_t>(ready) : 0;
  pending += more;
  return more;
}

// Of what has come since the turn began, as far as there is room for it. Returns whether there was.
bool EpollLoop::State::report_to_idle() {
  const std::size_t end = fetch(0);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < end; ++i) {
    const epoll_event event = events[i];
    const Watcher* watcher = table.find(event.data.u64);
    if (watcher != nullptr && watcher->is_idle()) {
      dispatch(event);
    } else {
      events[kept++] = event;
    }
  }
  pending = kept;
  return end < events.size();
}

EpollLoop::EpollLoop() : state_(std::make_unique<State>(*this)) {}
EpollLoop::~EpollLoop() { state_->deferred.run(); }

void EpollLoop::run() {
  while (!state_->stopping.exchange(false)) run_once(Duration::max());
}

void EpollLoop::run_once(Duration longest_wait) {
  State& s = *state_;
  s.fetch(s.stopping || s.pending != 0 ? 0 : s.patience(longest_wait));
  s.now = monotonic();
  s.wall.reset();
  const std::size_t ready = std::exchange(s.pending, 0);
  for (std::size_t i = 0; i < ready; ++i) s.dispatch(s.events[i]);
  s.wheel.advance(s.now);
  s.phase = State::Phase::deferred;
  s.deferred.run();
  s.phase = State::Phase::events;
}

bool EpollLoop::collect() {
  using Phase = State::Phase;
  if (state_->phase == Phase::deferred) {
    state_->phase = Phase::collected_some;  // during the call
    if (state_->report_to_idle()) state_->phase = Phase::collected_all;
  }
  return state_->phase == Phase::collected_all;
}

void EpollLoop::stop() {
  state_->stopping = true;
  state_->wake();
}

TimePoint EpollLoop::now() const { return state_->now; }
TimePoint EpollLoop::tick() const { return monotonic(); }
WallTime EpollLoop::wall() const {
  if (!state_->wall)
    state_->wall = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  return *state_->wall;
}

void EpollLoop::arm(Alarm& alarm, TimePoint due) { state_->wheel.arm(alarm, due); }
void EpollLoop::disarm(Alarm& alarm) { state_->wheel.disarm(alarm); }
void EpollLoop::watch(int fd, Watcher& watcher) { state_->add(fd, watcher); }
void EpollLoop::unwatch(int fd) {
  if (state_->table.remove(fd)) ::epoll_ctl(state_->epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void EpollLoop::post(std::function<void()> work) { state_->post(std::move(work)); }
void EpollLoop::defer(Deferred& work) { state_->deferred.add(work); }
void EpollLoop::defer_delete(std::function<void()> free) { state_->deferred.add_free(std::move(free)); }

}  // namespace gateway
