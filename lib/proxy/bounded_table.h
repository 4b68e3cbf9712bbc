// State by two names of which clients may make up one: shared by all threads, bounded, and forgotten when it is idle.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/time.h"

namespace gateway {

// T has is_idle(TimePoint): it holds no more than a new one would. Entries are made only when there is something to
// keep; a name without one is as good as new. Past the bound there are none for newcomers until others are idle: nobody
// shares one. Who has an entry keeps it alive, also after it was dropped here. Any thread; the lock is taken if the
// version has changed, which is when entries come and go.
template <class T>
class BoundedTable {
 public:
  explicit BoundedTable(std::size_t bound) : bound_(bound) {}

  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  // Null: there is none.
  std::shared_ptr<T> find(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = table_.find(key);
    return found == table_.end() ? nullptr : found->second;
  }

  // The one there, or a new one. Null: there is no room for it now.
  std::shared_ptr<T> make(const std::string& key, TimePoint now) {
    const std::lock_guard lock(mutex_);
    if (const auto found = table_.find(key); found != table_.end()) return found->second;
    if (table_.size() >= bound_ && !drop_idle(now)) return nullptr;
    version_.fetch_add(1, std::memory_order_release);
    return table_.emplace(key, std::make_shared<T>()).first->second;
  }

  template <class F>
  void each(F&& visit) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, state] : table_) {
      const std::size_t end = key.find('\0');
      visit(std::string_view(key).substr(0, end), std::string_view(key).substr(end + 1), *state);
    }
  }

  static std::string key(std::string_view a, std::string_view b) {
    std::string key;
    key.reserve(a.size() + b.size() + 1);
    return key.append(a).append(1, '\0').append(b);
  }

 private:
  // Whether there is room now. If there was none, it is not searched for again at once.
  bool drop_idle(TimePoint now) {
    if (now < next_look_) return false;
    const std::size_t dropped = std::erase_if(table_, [now](const auto& entry) { return entry.second->is_idle(now); });
    if (dropped == 0) next_look_ = now + std::chrono::seconds(1);
    return dropped > 0;
  }

  const std::size_t bound_;
  std::atomic<std::uint64_t> version_{0};
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<T>> table_;
  TimePoint next_look_ = TimePoint::min();
};

// One thread's view of a BoundedTable.
template <class T>
class BoundedCache {
 public:
  explicit BoundedCache(BoundedTable<T>& table) : table_(table) {}

  BoundedTable<T>& table() noexcept { return table_; }

  // Null: there is none. Valid until the next call.
  const std::shared_ptr<T>& find(std::string_view a, std::string_view b) {
    const std::uint64_t version = table_.version();
    if (version == 0) return none_;  // nothing was ever made
    if (version != version_ || seen_.size() >= kBound) {
      seen_.clear();
      version_ = version;
    }
    key_.assign(a).append(1, '\0').append(b);
    const auto found = seen_.find(key_);
    return found != seen_.end() ? found->second : seen_.emplace(key_, table_.find(key_)).first->second;
  }

 private:
  static constexpr std::size_t kBound = 8192;
  BoundedTable<T>& table_;
  std::uint64_t version_ = 0;
  std::unordered_map<std::string, std::shared_ptr<T>> seen_;
  std::string key_;
  const std::shared_ptr<T> none_;
};

}  // namespace gateway
