#include "app/logging/log_writer.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>
#include <utility>

#include "app/clock.h"
#include "app/logging/log_lines.h"

namespace gateway::app {
namespace {

// While lines come, they are gathered for so long.
constexpr std::chrono::milliseconds kGather{20};
// While nobody reads: how often the writer looks whether it shall stop, and how long it then waits in all.
constexpr std::chrono::milliseconds kPollEvery{100};
constexpr std::chrono::milliseconds kLastWait{1000};

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

bool is_file(int fd) noexcept {
  struct stat about {};
  return ::fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
}

}  // namespace

// One thread inserts complete lines, one removes them.
class LogWriter::Ring {
 public:
  explicit Ring(std::size_t size) : bytes_(std::make_unique_for_overwrite<char[]>(size)), size_(size) {}

  void put(std::string_view text) noexcept {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (text.size() > size_ - (head - tail_.load(std::memory_order_acquire))) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    const std::size_t at = head % size_;
    const std::size_t first = std::min(text.size(), size_ - at);
    std::memcpy(&bytes_[at], text.data(), first);
    std::memcpy(&bytes_[0], text.data() + first, text.size() - first);
    head_.store(head + text.size(), std::memory_order_release);
  }

  void take(std::string& out) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    const std::size_t count = head_.load(std::memory_order_acquire) - tail;
    const std::size_t at = tail % size_;
    const std::size_t first = std::min(count, size_ - at);
    out.append(&bytes_[at], first).append(&bytes_[0], count - first);
    tail_.store(tail + count, std::memory_order_release);
  }

  std::uint64_t take_dropped() noexcept { return dropped_.exchange(0, std::memory_order_relaxed); }
  std::string draft;  // of the thread that writes, used again and again

 private:
  std::unique_ptr<char[]> bytes_;
  const std::size_t size_;
  std::atomic<std::size_t> head_{0}, tail_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

LogWriter::LogWriter(Options options)
    : options_(options), to_file_(is_file(options.fd)), id_(next_id()), thread_([this] { run(); }) {}

LogWriter::~LogWriter() {
  stopping_ = true;
  asleep_ = 0;
  asleep_.notify_one();
  thread_.join();
}

LogWriter::Ring& LogWriter::own_ring() {
  thread_local std::pair<std::uint64_t, Ring*> own{0, nullptr};
  if (own.first != id_) {
    const std::lock_guard lock(registering_);
    own = {id_, rings_.emplace_back(std::make_unique<Ring>(options_.ring)).get()};
  }
  return *own.second;
}

void LogWriter::log(const LogEvent& event) {
  if (event.level < options_.least) return;
  Ring& ring = own_ring();
  ring.draft.clear();
  append_log_line(ring.draft, event, options_.format, wall_now());
  ring.put(ring.draft);
  // Only one that sleeps needs a call of the system; it then gathers for a while.
  if (asleep_.load() != 0 && asleep_.exchange(0) != 0) asleep_.notify_one();
}

LogCallback LogWriter::callback() {
  return [this](const LogEvent& event) { log(event); };
}

void LogWriter::run() {
  for (;;) {
    const bool last = stopping_;
    if (write_batch()) {
      if (given_up_) return;
      if (!last) std::this_thread::sleep_for(kGather);
      continue;
    }
    if (last) return;
    asleep_ = 1;
    if (write_batch()) {
      asleep_ = 0;
    } else {
      asleep_.wait(1);
    }
  }
}

// False when there was nothing.
bool LogWriter::write_batch() {
  batch_.clear();
  std::uint64_t dropped = 0;
  {
    const std::lock_guard lock(registering_);
    for (const auto& ring : rings_) {
      ring->take(batch_);
      dropped += ring->take_dropped();
    }
  }
  if (dropped > 0) {
    const std::string message = std::to_string(dropped) + " log lines were dropped";
    append_log_line(batch_, {LogLevel::warning, message, {}, nullptr}, options_.format, wall_now());
  }
  write_all(batch_);
  return !batch_.empty();
}

// A pipe that nobody reads takes as much as it has room for, and lets the writer of more wait for ever. What poll calls
// writable takes PIPE_BUF bytes at once (POSIX), so that a server can end whoever reads its log, or does not.
void LogWriter::write_all(std::string_view bytes) {
  while (!bytes.empty() && !given_up_) {
    pollfd ready{options_.fd, POLLOUT, 0};
    if (!to_file_ && ::poll(&ready, 1, static_cast<int>(kPollEvery.count())) == 0) {
      if (stopping_) waited_ += kPollEvery;
      given_up_ = waited_ >= kLastWait;
      continue;
    }
    const std::size_t at_once = to_file_ ? bytes.size() : std::min<std::size_t>(bytes.size(), PIPE_BUF);
    const ssize_t n = ::write(options_.fd, bytes.data(), at_once);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR && errno != EAGAIN) {
      return;  // there is nobody to report it to
    }
  }
}

}  // namespace gateway::app
