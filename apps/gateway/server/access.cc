#include "app/server/access.h"

#include <openssl/crypto.h>

#include "base/key_text.h"

namespace gateway::app {
namespace {

constexpr std::string_view kOfSessions = "admin:";
constexpr std::string_view kFirstRun = "first_run";

std::optional<Administrator> named(const Access& access, std::string_view name) {
  if (name == "admin_token" && !access.admin_token.empty()) return Administrator{"admin_token", AdminRole::write};
  if (name == kFirstRun && access.first_run) return Administrator{std::string(kFirstRun), AdminRole::write};
  for (const AdminToken& each : access.admin_tokens) {
    if (each.name == name) return Administrator{each.name, each.role};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Administrator> administrator_of(const Access& access, std::string_view token) {
  if (token.empty()) return std::nullopt;
  std::optional<Administrator> found;
  if (access.admin_token.equals(token)) found = Administrator{"admin_token", AdminRole::write};
  for (const AdminToken& each : access.admin_tokens) {
    if (each.token.equals(token)) found = Administrator{each.name, each.role};
  }
  if (!access.first_run) return found;
  const KeyHash given = key_hash(token);
  if (CRYPTO_memcmp(given.data(), access.first_run->data(), given.size()) == 0) return named(access, kFirstRun);
  return found;
}

std::string session_of(const Administrator& administrator) { return std::string(kOfSessions) + administrator.name; }
bool is_administrators(std::string_view who) noexcept { return who.starts_with(kOfSessions); }

std::optional<Administrator> administrator_of_session(const Access& access, std::string_view who) {
  if (!is_administrators(who)) return std::nullopt;
  return named(access, who.substr(kOfSessions.size()));
}

Administrator first_run_administrator() { return {std::string(kFirstRun), AdminRole::write}; }

std::string session_secret(const Access& access) {
  std::string secret(access.admin_token.reveal());
  for (const AdminToken& each : access.admin_tokens) {
    secret += '\n' + each.name + '\n';
    secret += each.token.reveal();
  }
  if (access.first_run) secret.append(access.first_run->begin(), access.first_run->end());
  return secret;
}

}  // namespace gateway::app
