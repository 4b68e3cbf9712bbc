#include "app/admin/handlers.h"

#include "app/admin/ledger_handlers.h"
#include "app/admin/state_handlers.h"
#include "app/admin/tenant_handlers.h"

namespace gateway::app {

Result<Handled> handle(const Asked& asked, std::string& audit) {
  if (auto handled = handle_tenants(asked, audit)) {
    if (handled->has_value() && asked.operation.method != "GET" && asked.options.tenants_changed) {
      asked.options.tenants_changed();
    }
    return std::move(*handled);
  }
  if (auto handled = handle_ledger(asked, audit)) return std::move(*handled);
  if (auto handled = handle_state(asked)) return std::move(*handled);
  return Error{ErrorCode::unavailable, "it cannot be answered here"};
}

}  // namespace gateway::app
