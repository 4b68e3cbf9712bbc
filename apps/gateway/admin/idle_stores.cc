#include "app/admin/idle_stores.h"

#include <mutex>
#include <utility>
#include <vector>

#include "app/open_store.h"

namespace gateway::app {
namespace {

constexpr std::size_t kMaxIdle = 4;

}  // namespace

struct IdleStores::State {
  std::mutex mutex;
  std::vector<std::unique_ptr<Store>> idle;
  bool is_closed = false;

  std::unique_ptr<Store> take() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return nullptr;
    auto taken = std::move(idle.back());
    idle.pop_back();
    return taken;
  }
  // One too many is closed once the lock is released.
  void put(std::unique_ptr<Store> store) {
    const std::lock_guard lock(mutex);
    if (!is_closed && idle.size() < kMaxIdle) idle.push_back(std::move(store));
  }
};

IdleStores::IdleStores(std::string url) : url_(std::move(url)), state_(std::make_shared<State>()) {}

Result<std::shared_ptr<Store>> IdleStores::borrow() {
  auto store = state_->take();
  if (!store) {
    auto opened = open_store(url_, {.create = false, .read_only = true});
    if (!opened) return std::move(opened).error();
    store = std::move(*opened);
  }
  return std::shared_ptr<Store>(store.release(),
                                [state = state_](Store* released) { state->put(std::unique_ptr<Store>(released)); });
}

void IdleStores::close() {
  std::vector<std::unique_ptr<Store>> closing;
  const std::lock_guard lock(state_->mutex);
  state_->is_closed = true;
  closing.swap(state_->idle);
}

}  // namespace gateway::app
