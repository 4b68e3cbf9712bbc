// Operations on projects and keys.
#pragma once

#include <optional>
#include <string>

#include "app/admin/handlers.h"

namespace gateway::app {

// As handle(). Absent: it is none of these.
std::optional<Result<Handled>> handle_tenants(const Asked& asked, std::string& audit);

}  // namespace gateway::app
