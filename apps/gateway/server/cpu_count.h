// How many processors this process may keep busy.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace gateway::app {

// The least of: the machine's processors, those this process is bound to, and what its control groups (cgroup, version
// 1 or 2; their quotas rounded up) allow. At least 1. `root` is where /proc and /sys are found.
unsigned usable_cpus(const std::filesystem::path& root = "/");

// A quota as a control group writes it, "max 100000" or "250000 100000": in processors, rounded up; nothing: no limit.
std::optional<unsigned> cpus_of_quota(std::string_view quota, std::string_view period) noexcept;

}  // namespace gateway::app
