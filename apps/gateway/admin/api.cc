#include "app/admin/api.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/admin/handlers.h"
#include "app/admin/parameters.h"
#include "app/admin/project_scope.h"
#include "app/admin/session_calls.h"
#include "app/render/json.h"
#include "app/render/live.h"
#include "base/names.h"
#include "config/scalars.h"
#include "operations/catalogue.h"
#include "proxy/request_target.h"

namespace gateway::app {
namespace {

using operations::Id;
using operations::OperationInfo;

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

ApiError read_only() {
  ApiError error;
  error.status = 403;
  error.type = "permission_error";
  error.code = "read_only_token";
  error.message = "This token may read only: 'role: write' in admin_tokens lets it change something.";
  return error;
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

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  for (;;) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == path.npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

// Where a call goes: a path of the table, and what it names there.
struct Target {
  std::vector<std::string_view> segments;
  std::string name{};  // the segment that the table's path has in braces
  bool sound = true;   // the name can be read, and passes for no flag
};

// Whether the call's path is the operation's. A segment in braces is any name.
bool is_of(const OperationInfo& operation, const Target& target) {
  const auto wanted = segments_of(operation.path);
  return std::equal(
      wanted.begin(), wanted.end(), target.segments.begin(), target.segments.end(),
      [](std::string_view path, std::string_view given) { return path.starts_with('{') || path == given; });
}

void read_name(const OperationInfo& operation, Target& target) {
  const auto wanted = segments_of(operation.path);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i].starts_with('{')) continue;
    target.sound = decode_path(target.segments[i], target.name) && !target.name.empty() &&
                   names::is_name(target.name) && !target.name.starts_with('-');
  }
}

std::string methods_of(const Target& target) {
  std::vector<std::string_view> methods;
  for (const OperationInfo& each : operations::operations()) {
    if (!is_of(each, target)) continue;
    methods.push_back(each.method);
    if (each.method == "GET") methods.emplace_back("HEAD");
  }
  return fmt::format("{}", fmt::join(methods, ", "));
}

// {"data":...}, then the cursor of a list that goes on and that it was truncated.
AdminAnswer answered(const Handled& handled, int status) {
  json::Object answer;
  answer.add("data", handled.data);
  if (handled.next) answer.add("next", json::text(*handled.next));
  if (!handled.note.empty()) answer.add("note", json::text(handled.note));
  return {status, answer.str(), std::nullopt, {}};
}

Result<operations::ReloadRequest> reload_request(const Parameters& parameters) {
  operations::ReloadRequest request;
  const auto percent = parameters.get("percent"), of = parameters.get("of"), back = parameters.get("back");
  if (back && *back != "yes") return expected("back", "yes, found '" + *back + "'");
  if (back && percent) return expected("back", "it without 'percent'");
  if (of && *of != "requests" && *of != "projects") return expected("of", "requests or projects, found '" + *of + "'");
  if (of == "projects" && !percent) return expected("of", "it with 'percent'");
  request.back = back.has_value();
  if (!percent) return request;
  const auto number = scalars::whole(*percent);
  if (!number || *number < 1 || *number > 100)
    return expected("percent", "a number from 1 to 100, found '" + *percent + "'");
  request.complete = *number == 100;
  if (!request.complete) {
    request.share = StagedShare{static_cast<int>(*number),
                                of == "projects" ? StagedShare::Of::projects : StagedShare::Of::requests};
  }
  return request;
}

AdminAnswer reload(const AdminApi::Options& options, const Parameters& parameters) {
  const auto request = reload_request(parameters);
  if (!request) return refused(400, request.error().detail);
  const operations::ReloadAnswer result = options.reload ? options.reload(*request) : operations::ReloadAnswer{};
  if (!result.conflict.empty()) return refused(409, result.conflict);
  const std::vector<std::string>& mistakes = result.mistakes;
  if (mistakes.empty()) {
    return answered({json::Object()
                         .add("reloaded", json::boolean(result.reloaded))
                         .add("after_restart", json::list(texts_of(result.after_restart)))
                         .add("staged", json::optional(result.staged, staged_json))
                         .str()},
                    200);
  }
  ApiError error;
  error.status = 400;
  error.type = "invalid_request_error";
  error.code = "invalid_config";
  error.message = "the old configuration stays: " + mistakes.front();
  error.metadata = json::Object().add("mistakes", json::list(texts_of(mistakes))).str();
  return refused(std::move(error));
}

bool has_header(const OperationInfo& operation, std::string_view name) {
  return std::any_of(operation.parameters.begin(), operation.parameters.end(),
                     [name](const auto& each) { return each.in == operations::In::header && each.name == name; });
}

// "GET /admin/v1/projects" ...
std::vector<std::string> served_operations() {
  std::vector<std::string> served;
  for (const OperationInfo& each : operations::operations())
    served.push_back(fmt::format("{} {}{}", each.method, kAdminPrefix, each.path));
  return served;
}

// The version in If-Match: "abc".
std::string_view version_in(std::string_view if_match) noexcept {
  const bool is_quoted = if_match.size() > 1 && if_match.starts_with('"') && if_match.ends_with('"');
  return is_quoted ? if_match.substr(1, if_match.size() - 2) : if_match;
}

}  // namespace

AdminAnswer AdminApi::answer(const AdminRequest& request, const WritePiece& write) const {
  if (request.session) return answer_session(options_, request);
  std::optional<ProjectScope> scope;
  if (!request.key_id.empty() || request.key_hash) {
    scope = request.key_hash ? scope_of_key(options_, *request.key_hash) : scope_of_key(options_, request.key_id);
    if (scope->error) return refused(std::move(*scope->error));
  }
  Target target{segments_of(request.path)};
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  const OperationInfo* operation = nullptr;
  bool known = false;
  for (const OperationInfo& each : operations::operations()) {
    if (!is_of(each, target)) continue;
    known = true;
    if (each.method == method) operation = &each;
  }
  if (!known) {
    return refused(
        api_error::unknown_url(request.method, std::string(kAdminPrefix) + request.path, served_operations()));
  }
  if (operation == nullptr) return refused(api_error::method_not_allowed(methods_of(target)));
  if (operation->access == operations::Access::write && !request.may_write) return refused(read_only());
  read_name(*operation, target);
  if (!target.sound) return refused(404, fmt::format("there is no '{}' of that name", target.segments.front()));
  auto parameters = Parameters::read(request.query, *operation);
  if (!parameters) return refused(400, parameters.error().detail);
  std::optional<std::string> only_project;
  if (scope) {
    if (auto beyond = narrow(*operation, target.name, scope->project, *parameters)) return refused(std::move(*beyond));
    only_project = std::move(scope->project);
  }
  Asked asked{options_, *operation, *parameters, target.name, request.body, std::nullopt, options_.now()};
  asked.only_project = std::move(only_project);
  bool is_counted = false, is_crowded = false;
  if (request.method != "HEAD" && write) {
    asked.write = [&](std::string piece) {
      if (!is_counted && streams_.fetch_add(1) >= kMaxStreams) {
        streams_.fetch_sub(1);
        is_crowded = true;
        return false;
      }
      is_counted = true;
      return write(std::move(piece));
    };
  }
  asked.last_event_id = request.last_event_id;
  if (!request.if_match.empty() && !has_header(*operation, "if-match"))
    return refused(400, "if-match: only PATCH projects/NAME heeds it");
  if (!request.if_match.empty() && request.if_match != "*") {
    const std::string_view version = version_in(request.if_match);
    if (version.empty()) return refused(400, "if-match: expected the project's version in quotation marks, or *");
    if (version != "*") asked.if_version = std::string(version);
  }
  if (operation->id == Id::reload) return reload(options_, *parameters);
  std::string audit;
  auto handled = handle(asked, audit);
  if (is_counted) streams_.fetch_sub(1);
  if (is_crowded) return refused(503, fmt::format("{} exports are under way already; try again later", kMaxStreams));
  AdminAnswer answer;
  if (!handled) {
    answer = refused(status_of(handled.error().code), handled.error().detail);
  } else if (handled->is_streamed || handled->rows) {
    answer.status = operation->status;
    answer.is_streamed = true;
    if (request.method != "HEAD") answer.rows = std::move(handled->rows);
  } else if (operation->answer == operations::Answer::document) {
    answer = {operation->status, std::move(handled->data), std::nullopt, {}};
  } else {
    answer = answered(*handled, operation->status);
  }
  answer.audit = std::move(audit);
  return answer;
}

}  // namespace gateway::app
