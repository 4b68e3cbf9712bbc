// What lets the pages of listed origins call /mcp from a browser, and read its answers (the Fetch standard, CORS
// protocol).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/headers.h"
#include "proxy/answer_fields.h"

namespace gateway::app::mcp {

// The request's origin if `listed` has it; empty: no page of another origin calls, or one that may not read the answer.
std::string listed_origin(HeaderSpan headers, const std::vector<std::string>& listed);
// A browser asks whether it may send the real request.
bool is_preflight(std::string_view method, HeaderSpan headers) noexcept;

// `origin` outlives the fields.
void add_cors(FieldList& fields, std::string_view origin);
void add_preflight(FieldList& fields, std::string_view origin);

}  // namespace gateway::app::mcp
