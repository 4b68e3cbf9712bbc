#include "app/mcp/confirm.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>

#include "gateway/secret.h"

namespace gateway::app::mcp {
namespace {

std::int64_t seconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

// "UNTIL.NUMBER.HMAC"
std::string Confirmations::token_of(std::string_view change, std::int64_t until, std::uint64_t number) const {
  const std::string text = fmt::format("{}\n{}\n{}", until, number, change);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  std::string token = fmt::format("{}.{}.", until, number);
  for (unsigned i = 0; i < size; ++i) token += fmt::format("{:02x}", digest[i]);
  return token;
}

std::string Confirmations::token_for(std::string_view change, WallTime now) {
  const std::lock_guard lock(mutex_);
  return token_of(change, seconds_of(now + kConfirmWithin), ++made_);
}

bool Confirmations::take(std::string_view change, std::string_view token, WallTime now) {
  std::int64_t until = 0;
  std::uint64_t number = 0;
  const char* const end = token.data() + token.size();
  const auto first = std::from_chars(token.data(), end, until);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return false;
  if (std::from_chars(first.ptr + 1, end, number).ec != std::errc()) return false;
  if (until < seconds_of(now) || until > seconds_of(now + kConfirmWithin)) return false;
  if (!Secret(token_of(change, until, number)).equals(token)) return false;
  const std::lock_guard lock(mutex_);
  std::erase_if(used_, [now](const auto& each) { return each.second < seconds_of(now); });
  return used_.emplace(token, until).second;
}

}  // namespace gateway::app::mcp
