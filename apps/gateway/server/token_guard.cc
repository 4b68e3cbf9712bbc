#include "app/server/token_guard.h"

#include <algorithm>

namespace gateway::app {

std::string_view bearer_token(HeaderSpan headers) noexcept {
  constexpr std::string_view kBearer = "bearer ";
  std::string_view value = header_value(headers, "authorization");
  if (value.size() <= kBearer.size() || !equal_ignoring_case(value.substr(0, kBearer.size()), kBearer)) return {};
  value.remove_prefix(kBearer.size());
  while (value.starts_with(' ')) value.remove_prefix(1);
  return value;
}

std::chrono::milliseconds TokenGuard::pause(const std::string& address, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto found = tries_.find(address);
  if (found == tries_.end() || found->second.until <= now) return std::chrono::milliseconds::zero();
  return std::chrono::ceil<std::chrono::milliseconds>(found->second.until - now);
}

void TokenGuard::failed(const std::string& address, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (tries_.size() >= kRemembered) {
    std::erase_if(tries_, [&](const auto& each) { return now - each.second.last >= kForgetAfter; });
    if (tries_.size() >= kRemembered) tries_.clear();  // by so many addresses that no pause would stop them
  }
  Tries& tries = tries_[address];
  if (now - tries.last >= kForgetAfter) tries = {};
  tries.last = now;
  if (++tries.failed < kFreeTries) return;
  const int doublings = std::min(tries.failed - kFreeTries, 10);
  tries.until = now + std::min<Duration>(kFirstPause * (1 << doublings), kLongestPause);
}

void TokenGuard::succeeded(const std::string& address) {
  const std::lock_guard lock(mutex_);
  tries_.erase(address);
}

}  // namespace gateway::app
