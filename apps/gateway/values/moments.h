// The texts of values that flags and parameters have: times, lengths, lists. `name` is what an error calls them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/result.h"
#include "gateway/time.h"

namespace gateway::app {

// A moment: RFC 3339, a day (its beginning in the zone), or so long ago: "24h", "7d".
Result<WallTime> read_moment(std::string_view name, std::string_view text, WallTime now, const Zone& zone = {});
// A time zone of the system's database: "Europe/Berlin".
Result<Zone> read_zone(std::string_view name, const std::string& text);
// A moment to come: RFC 3339, a day, or so long from now.
Result<WallTime> read_expiry(std::string_view name, std::string_view text, WallTime now);
// The same, and later than now.
Result<WallTime> read_later(std::string_view name, std::string_view text, WallTime now);
Result<std::chrono::milliseconds> read_duration(std::string_view name, std::string_view text);
// The caller's mistake: ErrorCode::invalid.
Error usage_error(std::string detail);

// "a,b" and ["a", "b"] alike.
std::vector<std::string> split_list(const std::vector<std::string>& texts);

}  // namespace gateway::app
