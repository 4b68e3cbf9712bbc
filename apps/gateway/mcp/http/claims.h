// New keys that wait for a person to fetch them, each once and for a while.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "gateway/secret.h"
#include "gateway/time.h"

namespace gateway::app::mcp {

struct Claim {
  std::string project, key_id;
  Secret text;  // of the key
  WallTime until{};
};

class Claims {
 public:
  static constexpr std::chrono::minutes kLife{10};
  static constexpr std::size_t kMaxWaiting = 100;

  // Whether there is room for another one. Any thread, like all of these.
  bool has_room(WallTime now);
  // Returns what it can be fetched by, which nobody can guess.
  std::string add(Claim claim, WallTime now);
  // Whose it is; nothing: there is none, or no longer.
  std::optional<std::string> project_of(const std::string& ticket, WallTime now);
  std::optional<Claim> take(const std::string& ticket, WallTime now);

 private:
  void forget_old(WallTime now);  // under mutex_

  std::mutex mutex_;
  std::map<std::string, Claim> claims_;  // under mutex_
};

}  // namespace gateway::app::mcp
