// What the session of a project's key may read of the administration: its own project's, and nothing else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/admin/api.h"
#include "app/admin/parameters.h"

namespace gateway::app {

struct ProjectScope {
  std::optional<ApiError> error;  // the key has ended
  std::string project;
};

// Reads the key anew, so that one that was revoked is out at once: that of a session, or what came as a token.
ProjectScope scope_of_key(const AdminApi::Options& options, std::string_view key_id);
ProjectScope scope_of_key(const AdminApi::Options& options, const KeyHash& hash);

// Whether the call changes nothing: it shows something, or asks a question whose body has no place in an address.
bool only_reads(std::string_view method, std::string_view path);

// What came is neither a token nor a key that works; and a project's key is to change something.
ApiError wrong_token();
ApiError changes_nothing();

// Narrows the parameters of the call to the project. An error: the operation concerns more, changes something, or names
// another project; `name` is what the path names.
std::optional<ApiError> narrow(const operations::OperationInfo& operation, std::string_view name,
                               const std::string& project, Parameters& parameters);

}  // namespace gateway::app
