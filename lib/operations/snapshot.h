// What a server on this database would decide with: the configuration, the stored projects and the price lists.
#pragma once

#include <memory>

#include "operations/deployment.h"
#include "proxy/snapshot.h"

namespace gateway::operations {

// Errors: refused (a provider or route that cannot work).
Result<std::shared_ptr<const Snapshot>> make_snapshot_of(const Deployment& deployment, Catalogues catalogues);

}  // namespace gateway::operations
