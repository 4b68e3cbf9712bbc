// Which Watcher hears of which descriptor, safe against events that were collected before it was unwatched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gateway/loop.h"

namespace gateway::net {

class ReadyTable {
 public:
  // A token that names this registration, and no earlier or later one of the same descriptor.
  std::uint64_t add(int fd, Watcher& watcher) {
    const auto at = static_cast<std::size_t>(fd);
    if (at >= slots_.size()) slots_.resize(at + at / 2 + 16);
    slots_[at].watcher = &watcher;
    return static_cast<std::uint64_t>(++slots_[at].generation) << 32 | static_cast<std::uint32_t>(fd);
  }
  // False when it was not there.
  bool remove(int fd) noexcept {
    const auto at = static_cast<std::size_t>(fd);
    if (fd < 0 || at >= slots_.size() || slots_[at].watcher == nullptr) return false;
    slots_[at].watcher = nullptr;
    return true;
  }
  // Null once the registration has ended.
  Watcher* find(std::uint64_t token) const noexcept {
    const Slot& slot = slots_[token & 0xffff'ffffU];
    return slot.generation == token >> 32 ? slot.watcher : nullptr;
  }

 private:
  struct Slot {
    Watcher* watcher = nullptr;
    std::uint32_t generation = 0;
  };
  std::vector<Slot> slots_;
};

}  // namespace gateway::net
