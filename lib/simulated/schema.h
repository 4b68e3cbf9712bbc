// A value that fits a JSON schema: the simulated provider's arguments of tools and structured answers.
#pragma once

#include <simdjson.h>

#include <string>

namespace gateway {

// Appended. The same schema, the same value: every property of an object, one element of an array, the first of several
// alternatives. Understands type, properties, required, items, prefixItems, enum, const, anyOf, oneOf, allOf, $ref into
// the schema itself, lengths, ranges and the usual formats. What recurs ends as early as the schema allows; one that
// never ends, or is larger than 64 KiB, becomes null where the bound lies.
void append_schema_instance(std::string& out, simdjson::dom::element schema);

}  // namespace gateway
