#include "app/mcp/http/claims.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "app/random_bytes.h"

namespace gateway::app::mcp {

void Claims::forget_old(WallTime now) {
  std::erase_if(claims_, [now](const auto& each) { return each.second.until <= now; });
}

bool Claims::has_room(WallTime now) {
  const std::lock_guard lock(mutex_);
  forget_old(now);
  return claims_.size() < kMaxWaiting;
}

std::string Claims::add(Claim claim, WallTime now) {
  std::array<std::uint8_t, 24> random{};
  fill_random(random);
  std::string ticket;
  for (const std::uint8_t byte : random) ticket += fmt::format("{:02x}", byte);
  claim.until = now + kLife;
  const std::lock_guard lock(mutex_);
  claims_.insert_or_assign(ticket, std::move(claim));
  return ticket;
}

std::optional<std::string> Claims::project_of(const std::string& ticket, WallTime now) {
  const std::lock_guard lock(mutex_);
  forget_old(now);
  const auto found = claims_.find(ticket);
  if (found == claims_.end()) return std::nullopt;
  return found->second.project;
}

std::optional<Claim> Claims::take(const std::string& ticket, WallTime now) {
  const std::lock_guard lock(mutex_);
  forget_old(now);
  const auto found = claims_.find(ticket);
  if (found == claims_.end()) return std::nullopt;
  Claim claim = std::move(found->second);
  claims_.erase(found);
  return claim;
}

}  // namespace gateway::app::mcp
