// Who may see what operators see, and who may change it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config.h"
#include "gateway/secret.h"
#include "gateway/server_config.h"
#include "gateway/tenancy.h"

namespace gateway::app {

struct Access {
  Secret admin_token;  // empty, and no others either: the administration is off
  Secret metrics_token;
  bool admin_elsewhere = false;    // at addresses of its own alone
  bool metrics_elsewhere = false;  // likewise
  std::vector<AdminToken> admin_tokens{};
  std::shared_ptr<const Config> config{};  // in force

  bool has_tls = false;  // where clients and operators connect
  bool has_dashboard = true;
  // Of a server that runs without a configuration: the administration's token, of which only the hash is known. Calls
  // to the administration and the dashboard must then name this machine as their host: a page elsewhere whose name
  // leads here (DNS rebinding) does not.
  std::optional<KeyHash> first_run{};

  bool has_administration() const noexcept { return !admin_token.empty() || !admin_tokens.empty() || first_run; }
};

// Who administers: the name of a token, and what it may do.
struct Administrator {
  std::string name;  // of `admin_token`: that
  AdminRole role = AdminRole::read;
};

// Whose token it is. All are compared: the time depends on how many there are and how long, on nothing else.
std::optional<Administrator> administrator_of(const Access& access, std::string_view token);

// Whom an administrator's session names, as "admin:NAME". Not in the configuration any more: nobody.
std::string session_of(const Administrator& administrator);
bool is_administrators(std::string_view who) noexcept;
std::optional<Administrator> administrator_of_session(const Access& access, std::string_view who);
Administrator first_run_administrator();
// What sessions are signed with. Changes with each of the tokens.
std::string session_secret(const Access& access);

}  // namespace gateway::app
