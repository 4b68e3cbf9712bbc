// Tokens that confirm a change: made for a plan that was shown, and good for that same change alone, for a while, once.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "gateway/time.h"

namespace gateway::app::mcp {

inline constexpr std::chrono::minutes kConfirmWithin{5};

// Any thread. `change` is what is planned, with all that it depends on.
class Confirmations {
 public:
  // `secret` is one that nobody can guess.
  explicit Confirmations(std::string secret) : secret_(std::move(secret)) {}

  std::string token_for(std::string_view change, WallTime now);
  // Whether the token is good for this change. It is not, the next time.
  bool take(std::string_view change, std::string_view token, WallTime now);

 private:
  std::string token_of(std::string_view change, std::int64_t until, std::uint64_t number) const;

  const std::string secret_;
  std::mutex mutex_;
  std::uint64_t made_ = 0;
  std::map<std::string, std::int64_t, std::less<>> used_;  // and until when each would be good
};

}  // namespace gateway::app::mcp
