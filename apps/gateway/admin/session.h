// Sessions of browsers: texts that the server signs, hands out as a cookie, and stores nowhere.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/time.h"

namespace gateway::app {

struct BrowserSession {
  std::string who;   // the id of the project's key that signed in, or an administrator: see session_of()
  WallTime begun{};  // whole seconds, as `until` is
  WallTime until{};
  std::string nonce;  // hexadecimal digits
};

// All servers with the same secret accept each other's sessions, and a new secret ends all of them.
class SessionSigner {
 public:
  static constexpr std::chrono::hours kIdle{12};
  static constexpr std::chrono::hours kLongest{7 * 24};

  // The secret is the administration's token. The key that signs is derived from it (HKDF, RFC 5869).
  explicit SessionSigner(std::string_view secret);

  static BrowserSession begin(std::string who, const std::array<std::uint8_t, 16>& random, WallTime now);
  // The same one, for a further kIdle, but never past kLongest since it began.
  static BrowserSession renewed(BrowserSession session, WallTime now);

  std::string sign(const BrowserSession& session) const;
  // Nothing if the text is not signed with this key, or the session has ended.
  std::optional<BrowserSession> read(std::string_view text, WallTime now) const;
  // What calls that change something send beside the cookie. The same for the whole session.
  std::string csrf_token(const BrowserSession& session) const;

 private:
  std::string mac(std::string_view purpose, std::string_view text) const;
  std::string key_;
};

}  // namespace gateway::app
