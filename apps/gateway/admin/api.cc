#include "app/admin/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "app/admin/arguments.h"
#include "app/cli/command_context.h"
#include "app/cli/command_line.h"
#include "app/cli/json_out.h"
#include "base/names.h"
#include "proxy/request_target.h"

namespace gateway::app {
namespace {

enum class Does : std::uint8_t { read, create_project, set_project, create_key, end, reload, reconciled };

struct Call {
  std::string_view method;
  std::string_view resource;
  bool named;  // resource/{name}
  Does does;
  std::array<std::string_view, 2> command{};     // its words; the second may be empty
  std::array<std::string_view, 9> parameters{};  // of the query; empty ones are none
};

constexpr Call kCalls[] = {
    {"GET", "projects", false, Does::read, {"project", "list"}, {"limit"}},
    {"POST", "projects", false, Does::create_project, {"project", "create"}},
    {"GET", "projects", true, Does::read, {"project", "show"}},
    {"PATCH", "projects", true, Does::set_project, {"project", "set"}},
    {"DELETE", "projects", true, Does::end, {"project", "delete"}},
    {"GET", "keys", false, Does::read, {"key", "list"}, {"project", "limit"}},
    {"POST", "keys", false, Does::create_key, {"key", "create"}},
    {"DELETE", "keys", true, Does::end, {"key", "revoke"}},
    {"GET",
     "usage",
     false,
     Does::read,
     {"usage"},
     {"project", "key", "model", "provider", "since", "until", "by", "limit"}},
    {"GET",
     "requests",
     false,
     Does::read,
     {"requests"},
     {"project", "key", "model", "provider", "state", "request", "since", "until", "limit"}},
    {"GET", "explain", false, Does::read, {"explain"}, {"project", "model", "endpoint"}},
    {"GET", "reconcile", false, Does::reconciled},
    {"POST", "reload", false, Does::reload},
};

AdminAnswer refused(ApiError error) {
  const int status = error.status;
  return {status, {}, std::move(error), {}};
}

// "--since: expected ..." is about the parameter `since`.
AdminAnswer refused(int status, std::string message) {
  ApiError error;
  error.status = status;
  error.type = status < 500 ? "invalid_request_error" : "server_error";
  error.code = status == 404 ? "not_found" : status == 409 ? "conflict" : status == 503 ? "unavailable" : "";
  if (message.starts_with("--")) message.erase(0, 2);
  const std::size_t colon = message.find(": ");
  const bool names_one = status == 400 && colon != message.npos && message.find(' ') > colon;
  if (names_one) error.param = message.substr(0, colon);
  error.message = std::move(message);
  return refused(std::move(error));
}

// `note` is what a command warned of: a list that was cut, for one.
AdminAnswer done(int status, std::string_view json, std::string_view note = {}) {
  while (json.ends_with('\n')) json.remove_suffix(1);
  json::Object answer;
  answer.add("data", json);
  if (!note.empty()) answer.add("note", json::text(note));
  return {status, answer.str(), std::nullopt, {}};
}

std::vector<std::string> texts_of(const std::vector<std::string>& values) {
  std::vector<std::string> texts;
  for (const std::string& value : values) texts.push_back(json::text(value));
  return texts;
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return 400;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::exists:
    case ErrorCode::refused:
    case ErrorCode::conflict:
      return 409;
    default:
      return 503;
  }
}

// What a command said on its standard error, in one line and without the words that are for a terminal.
std::string plain(std::string text) {
  constexpr std::string_view kName = "gateway: ";
  while (text.ends_with('\n')) text.pop_back();
  for (std::size_t at; (at = text.find('\n')) != text.npos;) text.replace(at, 1, "; ");
  for (std::size_t at; (at = text.find(kName)) != text.npos;) text.erase(at, kName.size());
  return text.substr(0, text.find("; see 'gateway "));
}

struct Target {
  std::string_view resource;
  bool named = false;
  std::string name;
  bool sound = true;  // the name can be read, and passes for no flag
};

Target read_target(std::string_view path) {
  const std::size_t slash = path.find('/');
  Target target{path.substr(0, slash), slash != path.npos, {}, true};
  if (target.named)
    target.sound = decode_path(path.substr(slash + 1), target.name) && !target.name.empty() &&
                   names::is_name(target.name) && !target.name.starts_with('-');
  return target;
}

// The version in If-Match: "abc".
std::string_view version_in(std::string_view if_match) noexcept {
  const bool is_quoted = if_match.size() > 1 && if_match.starts_with('"') && if_match.ends_with('"');
  return is_quoted ? if_match.substr(1, if_match.size() - 2) : if_match;
}

bool has_parameter(const std::vector<std::string>& flags, std::string_view name) {
  return std::any_of(flags.begin(), flags.end(),
                     [flag = fmt::format("--{}=", name)](const std::string& each) { return each.starts_with(flag); });
}

// A command as it would be typed, for the log: no call has a secret among its arguments.
std::string words_of(const std::vector<std::string>& command, const std::vector<std::string>& flags,
                     const std::string& name) {
  std::string words;
  for (const auto* part : {&command, &flags}) {
    for (const std::string& word : *part) words += (words.empty() ? "" : " ") + word;
  }
  return name.empty() ? words : words + " " + name;
}

// Of the key that was made.
std::string id_in(std::string_view json) {
  constexpr std::string_view kId = "\"id\":\"";
  const std::size_t at = json.find(kId);
  if (at == json.npos) return {};
  return std::string(json.substr(at + kId.size(), json.find('"', at + kId.size()) - at - kId.size()));
}

std::string_view methods_of(const Target& target) {
  if (target.resource == "reload") return "POST";
  if (target.resource == "projects") return target.named ? "GET, HEAD, PATCH, DELETE" : "GET, HEAD, POST";
  if (target.resource == "keys") return target.named ? "DELETE" : "GET, HEAD, POST";
  return "GET, HEAD";
}

}  // namespace

AdminAnswer AdminApi::answer(const AdminRequest& request) const {
  const Target target = read_target(request.path);
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  const Call* call = nullptr;
  bool known = false;
  for (const Call& each : kCalls) {
    if (each.resource != target.resource || each.named != target.named) continue;
    known = true;
    if (each.method == method) call = &each;
  }
  if (!known) return refused(api_error::unknown_url(request.method, std::string(kAdminPrefix) + request.path));
  if (call == nullptr) return refused(api_error::method_not_allowed(methods_of(target)));
  if (!target.sound) return refused(404, fmt::format("there is no '{}' of that name", target.resource));

  const auto end = std::find(call->parameters.begin(), call->parameters.end(), std::string_view());
  auto flags = query_arguments(request.query,
                               {call->parameters.data(), static_cast<std::size_t>(end - call->parameters.begin())});
  if (!flags) return refused(400, flags.error().detail);
  if (!request.if_match.empty() && call->does != Does::set_project)
    return refused(400, "if-match: only PATCH projects/NAME heeds it");
  std::string name = target.name;
  switch (call->does) {
    case Does::reconciled:
      return done(200, options_.reconciled ? options_.reconciled() : json::null());
    case Does::reload:
      return reload();
    case Does::create_project:
    case Does::set_project: {
      const bool create = call->does == Does::create_project;
      auto said = project_arguments(request.body);
      if (!said) return refused(400, said.error().detail);
      if (create == said->name.empty())
        return refused(400, create ? "name: expected a project's name" : "name: it cannot be changed");
      if (create) name = std::move(said->name);
      *flags = std::move(said->flags);
      if (request.if_match.empty() || request.if_match == "*") break;
      const std::string_view version = version_in(request.if_match);
      if (version.empty()) return refused(400, "if-match: expected the project's version in quotation marks, or *");
      if (version != "*") flags->push_back(fmt::format("--if-match={}", version));
      break;
    }
    case Does::create_key: {
      auto said = key_arguments(request.body);
      if (!said) return refused(400, said.error().detail);
      *flags = std::move(*said);
      break;
    }
    case Does::read:
      // Here no body may name it.
      if (call->resource == "explain" && !has_parameter(*flags, "model"))
        return refused(400, "model: expected a model's name");
      break;
    case Does::end:
      break;
  }

  std::vector<std::string> arguments;
  for (const std::string_view word : call->command) {
    if (!word.empty()) arguments.emplace_back(word);
  }
  const std::string audit = words_of(arguments, *flags, name);
  arguments.insert(arguments.end(), options_.database.begin(), options_.database.end());
  arguments.insert(arguments.end(), flags->begin(), flags->end());
  std::optional<std::string> instead;
  if (call->does == Does::end) {
    instead = json::Object()
                  .add(call->resource == "keys" ? "id" : "name", json::text(name))
                  .add("deleted", json::boolean(true))
                  .str();
  } else {
    arguments.emplace_back("--json");
  }
  if (!name.empty()) arguments.push_back(std::move(name));
  const bool creates = call->does == Does::create_project || call->does == Does::create_key;
  AdminAnswer answer = run_command(std::move(arguments), creates ? 201 : 200, std::move(instead));
  answer.audit = audit;
  if (call->does == Does::create_key && !answer.error) answer.audit += " " + id_in(answer.body);
  return answer;
}

AdminAnswer AdminApi::run_command(std::vector<std::string> arguments, int status,
                                  std::optional<std::string> instead) const {
  std::ostringstream out, err;
  Session session{out, err, options_.environment, options_.now, options_.config.get()};
  const int exit = run(std::move(arguments), session);
  if (session.error) return refused(status_of(*session.error), plain(err.str()));
  if (exit == kUsage) return refused(400, plain(err.str()));
  std::string note = plain(err.str());
  for (std::size_t at; (at = note.find("--")) != note.npos;) note.erase(at, 2);  // a parameter here, not a flag
  return done(status, instead ? *instead : out.str(), note);
}

AdminAnswer AdminApi::reload() const {
  const ReloadResult result = options_.reload ? options_.reload() : ReloadResult{};
  const std::vector<std::string>& mistakes = result.mistakes;
  if (mistakes.empty()) {
    return done(200, json::Object()
                         .add("reloaded", json::boolean(true))
                         .add("after_restart", json::list(texts_of(result.after_restart)))
                         .str());
  }
  ApiError error;
  error.status = 400;
  error.type = "invalid_request_error";
  error.code = "invalid_config";
  error.message = "the old configuration stays: " + mistakes.front();
  error.metadata = json::Object().add("mistakes", json::list(texts_of(mistakes))).str();
  return refused(std::move(error));
}

}  // namespace gateway::app
