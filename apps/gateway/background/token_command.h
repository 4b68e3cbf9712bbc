// A program that prints a provider's key, where that is a token which ends after a while: of Google's for Vertex, of
// Entra's for Azure.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string_view>

#include "gateway/provider.h"
#include "gateway/result.h"
#include "gateway/secret.h"
#include "gateway/time.h"

namespace gateway::app {

struct MadeToken {
  Secret key;
  std::optional<std::chrono::seconds> lives;  // from now on; absent: its maker does not say
};

// What such a program prints: the token alone, on one line or as a JSON string, or a JSON object with it
// (`access_token`, `accessToken` or `token`) and with its end: `expires_in` in seconds, or `expires_on` in seconds
// since 1970. Without them the end is what a JSON web token says of itself. Error: invalid; it repeats nothing of what
// was printed.
Result<MadeToken> read_token(std::string_view printed, WallTime now);

// Runs it, without a shell, and waits for its end. Errors: it cannot be run, fails, takes too long, prints no token.
Result<MadeToken> make_token(const TokenCommand& command, WallTime now, const std::stop_token& stop = {});

}  // namespace gateway::app
