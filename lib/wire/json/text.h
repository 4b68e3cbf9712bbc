// JSON strings (RFC 8259, 7).
#pragma once

#include <string>
#include <string_view>

namespace gateway {

// With its quotes, appended. Invalid UTF-8 becomes U+FFFD; control characters, U+007F to U+009F too, are escaped.
void append_json_string(std::string& out, std::string_view text);

}  // namespace gateway
