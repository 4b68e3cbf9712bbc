#include "operations/snapshot.h"

#include <utility>

namespace gateway::operations {

Result<std::shared_ptr<const Snapshot>> make_snapshot_of(const Deployment& deployment, Catalogues catalogues) {
  TenantChange tenants;
  if (deployment.store != nullptr) {
    auto read = deployment.store->tenants();
    if (!read) return std::move(read).error();
    tenants = std::move(*read);
  }
  auto snapshot = make_snapshot(deployment.config, tenants, std::move(catalogues),
                                [](const std::string&) -> ProjectState* { return nullptr; });
  if (!snapshot) return Error{ErrorCode::refused, snapshot.error().detail};
  return std::move(*snapshot);
}

}  // namespace gateway::operations
