#include "app/admin/session_calls.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "app/admin/project_scope.h"
#include "app/admin/session.h"
#include "app/first_run.h"
#include "app/open_store.h"
#include "app/random_bytes.h"
#include "app/render/json.h"
#include "base/key_life.h"
#include "base/key_text.h"

namespace gateway::app {
namespace {

AdminAnswer turned_away(ApiError error) {
  const int status = error.status;
  return {status, {}, std::move(error)};
}

AdminAnswer not_signed_in(std::string message) {
  ApiError error = api_error::invalid_api_key();
  error.code = "invalid_session";
  error.message = std::move(message);
  return turned_away(std::move(error));
}

AdminAnswer shown(const SessionCall& call, const BrowserSession& session, const std::string& project, WallTime now) {
  const SessionSigner signer(session_secret(call.access));
  json::Object data;
  data.add("role", json::text(is_administrators(session.who) ? "admin" : "project"));
  data.add("project", project.empty() ? json::null() : json::text(project));
  const auto administrator = administrator_of_session(call.access, session.who);
  data.add("may_write", json::boolean(administrator && administrator->role == AdminRole::write));
  data.add("csrf", json::text(signer.csrf_token(session)));
  data.add("expires_at", json::time(session.until));
  AdminAnswer answer{200, json::Object().add("data", data.str()).str(), std::nullopt};
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(session.until - now).count();
  answer.set_cookie = call.cookie.set(signer.sign(session), left);
  return answer;
}

// Of a link that is good once: two that come at the same instant must not both be let in.
bool consume_link(const AdminApi::Options& options, const ApiKey& link) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  const auto store = open_store(options.database, {.create = false});
  if (!store) return false;
  const auto tenants = (*store)->tenants();
  if (!tenants) return false;
  const WallTime now = options.now();
  const auto found =
      std::find_if(tenants->keys.begin(), tenants->keys.end(), [&](const ApiKey& key) { return key.id == link.id; });
  if (found == tenants->keys.end() || state_of(*found, now) != kActiveKey) return false;
  return (*store)->end_key(link.id, now, now).has_value();
}

// Whom the token signs in.
struct Entry {
  bool allowed = false;
  std::string who, project;  // as BrowserSession::who; no project: an administrator
};

Entry entry_of(const AdminApi::Options& options, const SessionCall& call, const std::string& token) {
  if (const auto administrator = administrator_of(call.access, token)) return {true, session_of(*administrator), {}};
  if (!looks_like_key(token)) return {};
  const auto store = open_store(options.database, {.create = false, .read_only = true});
  if (!store) return {};
  const auto tenants = (*store)->tenants();
  if (!tenants) return {};
  const KeyHash hash = key_hash(token);
  const auto found =
      std::find_if(tenants->keys.begin(), tenants->keys.end(), [&](const ApiKey& key) { return key.hash == hash; });
  if (found == tenants->keys.end() || state_of(*found, options.now()) != kActiveKey) return {};
  if (is_sign_in_link(*found))
    return {call.access.first_run && consume_link(options, *found), session_of(first_run_administrator()), {}};
  return {!found->project.empty(), found->id, found->project};
}

AdminAnswer sign_in(const AdminApi::Options& options, const AdminRequest& request) {
  simdjson::dom::parser parser;
  std::string_view token;
  if (parser.parse(request.body)["token"].get_string().get(token) || token.empty())
    return turned_away(
        api_error::bad_request("token: expected the administration's token, or a project's key", "token"));
  const Entry entry = entry_of(options, *request.session, std::string(token));
  if (!entry.allowed)
    return not_signed_in("This is neither the administration's token nor a key that works, or the link was used.");
  std::array<std::uint8_t, 16> random;
  fill_random(random);
  const WallTime now = options.now();
  AdminAnswer answer = shown(*request.session, SessionSigner::begin(entry.who, random, now), entry.project, now);
  answer.audit = "signed in as " + entry.who;
  return answer;
}

AdminAnswer show_session(const AdminApi::Options& options, const SessionCall& call) {
  const WallTime now = options.now();
  const auto session = SessionSigner(session_secret(call.access)).read(call.given, now);
  if (!session) return not_signed_in("Please sign in.");
  std::string project;
  if (is_administrators(session->who)) {
    if (!administrator_of_session(call.access, session->who)) return not_signed_in("Please sign in.");
  } else {
    auto scope = scope_of_key(options, session->who);
    if (scope.error) return turned_away(std::move(*scope.error));
    project = std::move(scope.project);
  }
  return shown(call, SessionSigner::renewed(*session, now), project, now);
}

}  // namespace

AdminAnswer answer_session(const AdminApi::Options& options, const AdminRequest& request) {
  if (request.method == "POST") return sign_in(options, request);
  if (request.method != "DELETE") return show_session(options, *request.session);
  AdminAnswer answer{200, json::Object().add("data", json::null()).str(), std::nullopt};
  answer.set_cookie = request.session->cookie.set("", 0);
  answer.audit = "signed out";
  return answer;
}

}  // namespace gateway::app
