// What waits for the end of a turn: work to run, and things to free after it.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "gateway/loop.h"

namespace gateway::net {

class DeferredQueue {
 public:
  bool empty() const noexcept { return first_ == nullptr && frees_.empty(); }

  void add(Loop::Deferred& work) noexcept {
    if (work.deferred) return;
    work.deferred = true;
    work.next_deferred = nullptr;
    (first_ == nullptr ? first_ : last_->next_deferred) = &work;
    last_ = &work;
  }
  void add_free(std::function<void()> free) { frees_.push_back(std::move(free)); }

  // Runs all work, also what is added meanwhile; frees only when no work is left that might use what is freed.
  void run() {
    while (!empty()) {
      while (first_ != nullptr) {
        Loop::Deferred& work = *first_;
        first_ = std::exchange(work.next_deferred, nullptr);
        work.deferred = false;
        work.run_deferred();
      }
      for (const auto& free : std::exchange(frees_, {})) free();
    }
  }

 private:
  Loop::Deferred* first_ = nullptr;
  Loop::Deferred* last_ = nullptr;
  std::vector<std::function<void()>> frees_;
};

}  // namespace gateway::net
