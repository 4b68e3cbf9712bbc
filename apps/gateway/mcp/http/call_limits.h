// How often each credential may call.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "gateway/time.h"
#include "policy/limits/rate_limit.h"

namespace gateway::app::mcp {

class CallLimits {
 public:
  static constexpr std::int64_t kCallsAMinute = 60;      // of tools
  static constexpr std::int64_t kMessagesAMinute = 600;  // of any kind

  // How long to wait; zero: it may, and that is counted. Any thread.
  std::chrono::milliseconds take_call(const std::string& credential, TimePoint now) {
    return take(calls_, kCallsAMinute, credential, now);
  }
  std::chrono::milliseconds take_message(const std::string& credential, TimePoint now) {
    return take(messages_, kMessagesAMinute, credential, now);
  }

 private:
  using Buckets = std::map<std::string, TokenBucket, std::less<>>;
  std::chrono::milliseconds take(Buckets& buckets, std::int64_t per_minute, const std::string& credential,
                                 TimePoint now) {
    const std::lock_guard lock(mutex_);
    TokenBucket& bucket = buckets[credential];
    if (bucket.take(1, per_minute, now)) return std::chrono::milliseconds(0);
    return std::chrono::ceil<std::chrono::milliseconds>(bucket.read(1, per_minute, now).until_n);
  }

  std::mutex mutex_;
  Buckets calls_, messages_;  // under mutex_; of credentials that are good, so there are no more than keys
};

}  // namespace gateway::app::mcp
