// The target's own name for the model, in a body that is otherwise the client's.
#pragma once

#include "providers/dialect.h"

namespace gateway {

// Clears texts.members, and adds to it or replaces the client's value, if that is another or missing. Models that may
// answer instead are left out, unless it is the provider that tries them.
void splice_model(const DialectRequest& request, BodyTexts& texts, DialectOutput& out);

}  // namespace gateway
