// The header fields that go with answers: the contract's "Answer headers".
#pragma once

#include <optional>
#include <string_view>

#include "base/field_list.h"
#include "gateway/row.h"
#include "policy/limits/rate_limit.h"
#include "proxy/snapshot.h"
#include "wire/openai/error_body.h"

namespace gateway {

// x-request-id, and the client's own id echoed. `other_name`: what the client's shape calls it too, see Surface.
void add_request_id(FieldList& fields, const RequestId& id, std::string_view client_request_id,
                    std::string_view other_name = {});
// x-ratelimit-* for the limits that the project has.
void add_rate_limits(FieldList& fields, const Project& project, TimePoint now);
// retry-after, retry-after-ms, x-should-retry, allow.
void add_error_fields(FieldList& fields, const ApiError& error);

// A client's own id, if it sent one that may be stored: 1-128 of [A-Za-z0-9._-].
std::string_view client_request_id(HeaderSpan headers) noexcept;

}  // namespace gateway
