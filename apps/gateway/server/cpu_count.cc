#include "app/server/cpu_count.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>

namespace gateway::app {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

unsigned bound_to() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const unsigned machine = std::max(1u, std::thread::hardware_concurrency());
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return machine;
  return std::min(machine, std::max(1u, static_cast<unsigned>(CPU_COUNT(&set))));
}

std::optional<unsigned> quota_in(const fs::path& group, bool unified) {
  if (!unified) return cpus_of_quota(first_line(group / "cpu.cfs_quota_us"), first_line(group / "cpu.cfs_period_us"));
  const std::string line = first_line(group / "cpu.max");
  const std::size_t blank = line.find(' ');
  if (blank == line.npos) return std::nullopt;
  return cpus_of_quota(std::string_view(line).substr(0, blank), std::string_view(line).substr(blank + 1));
}

bool names_cpu(std::string_view controllers) {
  for (std::size_t at = 0; at <= controllers.size();) {
    const std::size_t comma = std::min(controllers.find(',', at), controllers.size());
    if (controllers.substr(at, comma - at) == "cpu") return true;
    at = comma + 1;
  }
  return false;
}

}  // namespace

std::optional<unsigned> cpus_of_quota(std::string_view quota, std::string_view period) noexcept {
  const auto number = [](std::string_view text) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc{} && end == text.data() + text.size() ? value : -1;
  };
  const std::int64_t time = number(quota), of = number(period);
  if (time <= 0 || of <= 0) return std::nullopt;
  return static_cast<unsigned>(std::min<std::int64_t>((time + of - 1) / of, 1 << 20));
}

// Lines of /proc/self/cgroup are "0::/path" (version 2) or "4:cpu,cpuacct:/path" (version 1). Every group up to the
// root may have a quota; within a container the path may be the host's, and the container's own group is the root.
unsigned usable_cpus(const fs::path& root) {
  unsigned least = bound_to();
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == line.npos ? first : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool unified = controllers.empty();
    if (!unified && !names_cpu(controllers)) continue;
    const fs::path mount = root / (unified ? "sys/fs/cgroup" : "sys/fs/cgroup/cpu");
    for (fs::path group = fs::path(line.substr(second + 1)).relative_path();; group = group.parent_path()) {
      if (const auto cpus = quota_in(mount / group, unified)) least = std::min(least, *cpus);
      if (group.empty()) break;
    }
  }
  return least;
}

}  // namespace gateway::app
