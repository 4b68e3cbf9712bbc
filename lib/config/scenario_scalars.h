// The texts of single values that only scenarios have.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/ledger.h"
#include "gateway/simulate.h"

namespace gateway::scalars {

std::optional<std::int64_t> millionths(std::string_view text);  // "5%", "0.5%", "0.05": from 0 to 1, exact
std::optional<StatusRange> statuses(std::string_view text);     // "200", "5xx", "400..499"
std::optional<sim::Latency> latency(std::string_view text);     // "300ms", "200ms..800ms"

// "5", "5..10", "5..", "..10", each end read by `read`, which returns whole numbers or durations or amounts.
template <class Read>
std::optional<sim::Between> between(std::string_view text, Read read) {
  const std::size_t dots = text.find("..");
  sim::Between out;
  const auto end = [&](std::string_view part, std::int64_t& bound) {
    if (part.empty()) return true;
    const std::optional<std::int64_t> value = read(part);
    if (value) bound = *value;
    return value.has_value();
  };
  const std::string_view low = text.substr(0, dots);
  const std::string_view high = dots == text.npos ? low : text.substr(dots + 2);
  if ((low.empty() && high.empty()) || !end(low, out.least) || !end(high, out.most)) return std::nullopt;
  if (out.least > out.most) return std::nullopt;
  return out;
}

inline constexpr const char* kShareExpected = "a share such as 5% or 0.05";
inline constexpr const char* kStatusesExpected = "a status such as 200, 5xx or 400..499";
inline constexpr const char* kLatencyExpected =
    "a duration such as 300ms, two such as 200ms..800ms, or a mapping such as {median: 400ms, p99: 3s}";

}  // namespace gateway::scalars
