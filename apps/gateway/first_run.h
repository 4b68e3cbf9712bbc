// What a server without a configuration file makes for itself when it starts for the first time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/result.h"
#include "gateway/tenants.h"

namespace gateway::app {

// Makes the project "default" with a key, unless it is there. Returns the key's text, to be shown this once.
Result<std::optional<std::string>> make_default_project(Tenants& tenants, WallTime now);

// Keys without a project are the administration's own: no client is served for them, and no list shows them.
struct Administration {
  KeyHash token{};                    // the hash of its token
  std::optional<std::string> made{};  // the token itself, to be shown this once: it was made now
};
// Makes the administration's token, unless there is one.
Result<Administration> make_administration(Tenants& tenants, WallTime now);

// What signs in once, within kLinkLife, at a server without a configuration.
inline constexpr std::chrono::minutes kLinkLife{10};
Result<std::string> make_sign_in_link(Tenants& tenants, WallTime now);
bool is_sign_in_link(const ApiKey& key) noexcept;
// As a link to a page of the dashboard, "" or "usage". What follows the # stays in the browser.
std::string link_text(const std::string& url, const std::string& link, const std::string& page = {});

// Whether only this machine reaches what listens at these addresses.
bool is_local_only(const std::vector<std::string>& addresses);

// What whoever started it reads: the key, and how to try it at the first address, if it listens already; the link to
// the dashboard, with what prints another one of the server on `database`, and the administration's token, if there are
// any.
struct Welcome {
  std::string key;
  std::optional<std::string> link{}, token{};
  std::optional<std::string> database{};  // absent: commands find it by themselves
};
std::string welcome(const std::vector<std::string>& addresses, const Welcome& made);

}  // namespace gateway::app
