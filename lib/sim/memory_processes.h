// Which processes of a memory store live, by their heartbeats, and which were fenced.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "gateway/leases.h"

namespace gateway::testing {

class MemoryProcesses {
 public:
  bool is_fenced(std::uint64_t process) const {
    const auto found = known_.find(process);
    return found != known_.end() && found->second.fenced;
  }
  void beat(std::uint64_t process, WallTime now, std::chrono::milliseconds life) { known_[process] = {now, life}; }
  void fence(std::uint64_t process) { known_[process] = {.fenced = true}; }
  void release(std::uint64_t process) {
    const auto found = known_.find(process);
    if (found == known_.end()) return;
    if (found->second.fenced) {
      found->second.released = true;
    } else {
      known_.erase(found);
    }
  }
  // `holders` have slices, in order.
  std::vector<ProcessState> list(WallTime now, const std::vector<std::uint64_t>& holders) const {
    std::map<std::uint64_t, bool> alive;
    for (const std::uint64_t holder : holders) alive[holder] = false;
    for (const auto& [process, known] : known_) {
      if (!known.released) alive[process] = std::chrono::abs(now - known.beat) < known.life;
    }
    std::vector<ProcessState> out;
    for (const auto& [process, lives] : alive) out.push_back({process, lives});
    return out;
  }

 private:
  struct Known {
    WallTime beat{};
    std::chrono::milliseconds life{0};
    bool fenced = false, released = false;
  };
  std::map<std::uint64_t, Known> known_;
};

}  // namespace gateway::testing
