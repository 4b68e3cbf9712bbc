// /dashboard/session: POST {"token"} signs in, GET shows and renews the session, DELETE ends it.
#pragma once

#include "app/admin/api.h"

namespace gateway::app {

inline constexpr std::string_view kSessionPath = "/dashboard/session";

// A project's key signs in to its project, the administration's token and a link of `gateway open` to all.
AdminAnswer answer_session(const AdminApi::Options& options, const AdminRequest& request);

}  // namespace gateway::app
