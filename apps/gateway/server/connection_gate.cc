#include "app/server/connection_gate.h"

#include <chrono>

namespace gateway::app {
namespace {

constexpr std::chrono::seconds kTellEvery{1};

}  // namespace

void ConnectionGate::set(const Limits& limits) noexcept {
  most_ = limits.connections;
  per_address_ = limits.per_address;
  descriptors_ = limits.descriptors;
}

bool ConnectionGate::enter(const std::string& address) {
  const bool admitted = admit(address);
  if (!admitted) refused_.fetch_add(1, std::memory_order_relaxed);
  return admitted;
}

bool ConnectionGate::admit(const std::string& address) {
  if (count_.fetch_add(1) >= most_) {
    --count_;
    return false;
  }
  if (address.empty()) return true;
  const std::lock_guard lock(mutex_);
  std::int64_t& count = addresses_[address];
  if (per_address_ > 0 && count >= per_address_) {
    --count_;
    return false;
  }
  ++count;
  return true;
}

std::int64_t ConnectionGate::take_unreported(TimePoint now) noexcept {
  std::int64_t next = tell_next_.load(std::memory_order_relaxed);
  const std::int64_t present = now.time_since_epoch().count();
  if (present < next) return 0;
  if (!tell_next_.compare_exchange_strong(next, present + Duration(kTellEvery).count())) return 0;
  const std::int64_t all = refused();
  return all - reported_.exchange(all, std::memory_order_relaxed);
}

void ConnectionGate::leave(const std::string& address) {
  --count_;
  if (address.empty()) return;
  const std::lock_guard lock(mutex_);
  const auto found = addresses_.find(address);
  if (found != addresses_.end() && --found->second <= 0) addresses_.erase(found);
}

}  // namespace gateway::app
