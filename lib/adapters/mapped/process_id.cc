#include "gateway/process_id.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>

namespace gateway {
namespace {

constexpr unsigned kPidBits = 22;  // Linux's PID_MAX_LIMIT
constexpr std::uint64_t kPidMask = (std::uint64_t{1} << kPidBits) - 1;

std::string read_small(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::array<char, 1024> text;
  const ssize_t n = ::read(fd, text.data(), text.size());
  ::close(fd);
  return n > 0 ? std::string(text.data(), static_cast<std::size_t>(n)) : std::string{};
}

struct Running {
  char state = 0;
  std::uint64_t start = 0;  // clock ticks since boot
};

// proc(5), /proc/[pid]/stat: the name, in parentheses, may hold anything; the state follows, the start is field 22.
bool read_stat(std::uint64_t pid, Running& out) {
  const std::string text = read_small("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= text.size()) return false;
  std::string_view rest = std::string_view(text).substr(name_end + 2);
  out.state = rest.front();
  for (int field = 3; field < 22; ++field) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return false;
    rest.remove_prefix(space + 1);
  }
  return std::from_chars(rest.data(), rest.data() + rest.size(), out.start).ec == std::errc{};
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0xff51afd7ed558ccd;
  return hash ^ (hash >> 32);
}

std::uint64_t digest(std::uint64_t pid, std::uint64_t start) {
  std::uint64_t hash = mix(mix(0x9e3779b97f4a7c15, pid), start);
  for (const char c : read_small("/proc/sys/kernel/random/boot_id")) hash = mix(hash, static_cast<unsigned char>(c));
  struct stat space {};
  if (::stat("/proc/self/ns/pid", &space) == 0) hash = mix(hash, space.st_ino);
  return hash;
}

// The `number`-th id of a process, from 0.
std::uint64_t compose(std::uint64_t digest, std::uint64_t pid, unsigned number) {
  return ((number == 0 ? digest : mix(digest, number)) << kPidBits) | (pid & kPidMask);
}

std::uint64_t own_id(unsigned number) {
  const auto pid = static_cast<std::uint64_t>(::getpid());
  Running self;
  read_stat(pid, self);
  return compose(digest(pid, self.start), pid, number);
}

}  // namespace

std::uint64_t current_process() { return own_id(0); }

std::uint64_t next_process() {
  static std::atomic<unsigned> made{0};
  return own_id(std::min(made.fetch_add(1, std::memory_order_relaxed) + 1, kMaxProcessIds - 1));
}

bool is_running(std::uint64_t process) {
  const std::uint64_t pid = process & kPidMask;
  if (pid == 0) return false;
  Running found;
  if (!read_stat(pid, found)) {
    // If /proc hides other users' processes, a signal's permission check still shows that there is one.
    return ::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM;
  }
  if (found.state == 'Z' || found.state == 'X') return false;
  const std::uint64_t of_it = digest(pid, found.start);
  for (unsigned number = 0; number < kMaxProcessIds; ++number) {
    if (compose(of_it, pid, number) == process) return true;
  }
  return false;
}

}  // namespace gateway
