#include "app/server/memory_watch.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <vector>

#include "app/server/http1_session.h"

namespace gateway::app {
namespace {

// While this worker holds more than its part: others may make it too much.
constexpr std::chrono::milliseconds kLookAgain{100};

}  // namespace

std::int64_t MemoryWatch::part() const noexcept { return limits_->memory / workers_; }

bool MemoryWatch::is_short() const noexcept { return all_.taken() > limits_->memory; }

void MemoryWatch::changed(std::int64_t by) noexcept {
  held_ += by;
  if (by > 0 && held_ > part() && (!alarm_.armed() || is_short())) loop_.arm(alarm_, loop_.now());
}

void MemoryWatch::poll() {
  if (is_short()) shed();
  if (held_ > part()) loop_.arm(alarm_, loop_.now() + kLookAgain);
}

// Those that read nothing first, the largest first. Some more than it takes, so that it is not soon to be done again.
void MemoryWatch::shed() {
  struct Holder {
    bool stands_still;
    std::int64_t bytes;
    Http1Session* session;
  };
  std::vector<Holder> holders;
  sessions_.for_each([&](Http1Session& session) {
    if (session.memory() > 0) holders.push_back({session.stands_still(), session.memory(), &session});
  });
  std::sort(holders.begin(), holders.end(), [](const Holder& a, const Holder& b) {
    return std::tie(a.stands_still, a.bytes) > std::tie(b.stands_still, b.bytes);
  });
  const std::int64_t all = limits_->memory - limits_->memory / 8, own = part() - part() / 8;
  for (const Holder& holder : holders) {
    if (held_ <= own || all_.taken() <= all) return;
    holder.session->give_memory_back();
  }
}

}  // namespace gateway::app
