// JSON for simdjson's DOM, which refuses what the strict walk takes: halves of surrogate pairs, which streams may cut
// apart, and numbers out of range.
#pragma once

#include <string>
#include <string_view>

namespace gateway::json {

// A copy of valid JSON in which each lone surrogate is U+FFFD and each number that may not fit is null.
std::string tamed(std::string_view json);

}  // namespace gateway::json
