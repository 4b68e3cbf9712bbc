#include "app/admin/project_scope.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/admin/opened.h"
#include "base/key_life.h"

namespace gateway::app {
namespace {

using operations::Id;

ApiError ended() {
  ApiError error = api_error::invalid_api_key();
  error.message = "The key of this session has ended. Sign in with another one.";
  return error;
}

// `wrong`: no such key works, or it is of no project, as the links are that sign in.
template <class IsIt>
ProjectScope scope_of(const AdminApi::Options& options, IsIt is_it, ApiError wrong) {
  const auto store = open_to_read(options);
  if (!store) return {api_error::overloaded(), {}};
  const auto tenants = (*store)->tenants();
  if (!tenants) return {api_error::overloaded(), {}};
  const auto found = std::find_if(tenants->keys.begin(), tenants->keys.end(), is_it);
  const bool works = found != tenants->keys.end() && state_of(*found, options.now()) == kActiveKey;
  if (!works || found->project.empty()) return {std::move(wrong), {}};
  return {std::nullopt, found->project};
}

ApiError forbidden(std::string_view what) {
  ApiError error;
  error.status = 403;
  error.type = "permission_error";
  error.code = "project_only";
  error.message = fmt::format("A project's key reads what is its project's own; {}.", what);
  error.should_not_retry = true;
  return error;
}

}  // namespace

ProjectScope scope_of_key(const AdminApi::Options& options, std::string_view key_id) {
  return scope_of(
      options, [key_id](const ApiKey& key) { return key.id == key_id; }, ended());
}

ProjectScope scope_of_key(const AdminApi::Options& options, const KeyHash& hash) {
  return scope_of(
      options, [&hash](const ApiKey& key) { return key.hash == hash; }, wrong_token());
}

bool only_reads(std::string_view method, std::string_view path) {
  const operations::OperationInfo& question = operations::info_of(Id::explain_body);
  return method == "GET" || method == "HEAD" ||
         (method == question.method && path.starts_with(kAdminPrefix) &&
          path.substr(kAdminPrefix.size()) == question.path);
}

ApiError wrong_token() {
  ApiError error = api_error::invalid_api_key();
  error.message =
      "The administration needs its own token, as 'Authorization: Bearer ...': admin_token, or one of admin_tokens; or "
      "a project's key, which reads what is its project's own.";
  return error;
}

ApiError changes_nothing() { return forbidden("it changes nothing"); }

std::optional<ApiError> narrow(const operations::OperationInfo& operation, std::string_view name,
                               const std::string& project, Parameters& parameters) {
  if (operation.access == operations::Access::write) return changes_nothing();
  // A stream would outlive its key: whether that has ended is read once a call.
  if (operation.id == Id::stream_requests) return forbidden("it polls its rows");
  if (operation.id == Id::show_request) return std::nullopt;  // shows the rows of the project alone
  if (operation.id == Id::show_project) {
    if (name != project) return forbidden("this is another one");
    return std::nullopt;
  }
  if (operation.access != operations::Access::project) return forbidden("this concerns all");
  for (const std::string& given : parameters.all("project")) {
    if (given != project) return forbidden("this is another one");
  }
  parameters.set("project", project);
  return std::nullopt;
}

}  // namespace gateway::app
