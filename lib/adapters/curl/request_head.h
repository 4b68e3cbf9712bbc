// The head of an HTTP/1.1 request as bytes: RFC 9112, 3.
#pragma once

#include <string>

#include "gateway/result.h"
#include "gateway/upstream.h"

namespace gateway::curl {

// Replaces what `out` holds and keeps its memory. Adds host, content-length (with a body, or if the method expects
// one) and "accept-encoding: identity"; leaves out fields of these names and those that frame a message. invalid: a
// method, path or field that would not stay within its line.
Result<void> write_head(const UpstreamRequest& request, std::string& out);

}  // namespace gateway::curl
