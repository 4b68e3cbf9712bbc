// The seam to durable storage, all of it: rows and their sums, leases on spend caps, projects and keys.
#pragma once

#include "gateway/leases.h"
#include "gateway/ledger.h"
#include "gateway/tenants.h"

namespace gateway {

/// One object that is all three. Who needs only one takes only that one. All calls of all three come from one thread at
/// a time.
class Store : public Ledger, public Leases, public Tenants {};

}  // namespace gateway
