// The header fields that requests have at most providers.
#pragma once

#include "base/field_list.h"
#include "providers/provider.h"

namespace gateway {

// The credential, the configured fields, and who asks unless they say so.
void append_caller_fields(const Provider& provider, FieldList& fields);
// Before them: what the body is, and what is accepted.
void append_usual_fields(const Provider& provider, bool stream, FieldList& fields);

}  // namespace gateway
