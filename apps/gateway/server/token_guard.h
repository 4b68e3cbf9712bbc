// Tokens of operators: read from a request, and whoever guesses them is slowed down.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/headers.h"
#include "gateway/time.h"

namespace gateway::app {

// The token of "Authorization: Bearer ..."; empty: none.
std::string_view bearer_token(HeaderSpan headers) noexcept;

// After a few wrong tokens in a row an address has to pause, longer each time, and is not heard meanwhile whatever it
// sends. Any thread.
class TokenGuard {
 public:
  static constexpr int kFreeTries = 10;
  static constexpr std::chrono::seconds kFirstPause{1};
  static constexpr std::chrono::seconds kLongestPause{60};

  // What is left of its pause; zero: it may try.
  std::chrono::milliseconds pause(const std::string& address, TimePoint now);
  void failed(const std::string& address, TimePoint now);
  void succeeded(const std::string& address);

 private:
  static constexpr std::size_t kRemembered = 4096;  // addresses
  static constexpr std::chrono::minutes kForgetAfter{10};
  struct Tries {
    int failed = 0;
    TimePoint last{};
    TimePoint until{};  // of the pause
  };

  std::mutex mutex_;
  std::unordered_map<std::string, Tries> tries_;  // under mutex_
};

}  // namespace gateway::app
