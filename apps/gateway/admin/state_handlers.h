// Operations that read what is decided, priced, spent, and how all is.
#pragma once

#include <optional>

#include "app/admin/handlers.h"

namespace gateway::app {

// As handle(). Absent: it is none of these.
std::optional<Result<Handled>> handle_state(const Asked& asked);

}  // namespace gateway::app
