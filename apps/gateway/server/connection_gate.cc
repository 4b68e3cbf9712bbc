#include "gateway/server/connection_gate.h"

namespace gateway::app {

void ConnectionGate::set(const Limits& limits) noexcept {
  most_ = limits.connections;
  per_address_ = limits.per_address;
  descriptors_ = limits.descriptors;
}

bool ConnectionGate::enter(const std::string& address) {
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

void ConnectionGate::leave(const std::string& address) {
  --count_;
  if (address.empty()) return;
  const std::lock_guard lock(mutex_);
  const auto found = addresses_.find(address);
  if (found != addresses_.end() && --found->second <= 0) addresses_.erase(found);
}

}  // namespace gateway::app
