// Projects, their limits and spend caps, and the keys that belong to them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/money.h"
#include "gateway/time.h"

namespace gateway {

enum class Period : std::uint8_t { day, week, month, total };  ///< weeks start on Monday
enum class SpendMode : std::uint8_t { strict, estimate };

std::string_view to_string(Period period) noexcept;  ///< "day", "week", "month", "total"
std::string_view to_string(SpendMode mode) noexcept;
bool parse(std::string_view text, Period& period) noexcept;  ///< false: it is none of these
bool parse(std::string_view text, SpendMode& mode) noexcept;

struct SpendCap {
  Money cap{};
  Period period = Period::month;
  std::vector<int> warn_percent{};  ///< soft thresholds: logged and counted, nothing else
  friend bool operator==(const SpendCap&, const SpendCap&) = default;
};

struct SpendConfig {
  std::vector<SpendCap> caps{};  ///< at most one per period
  SpendMode mode = SpendMode::strict;
  std::string timezone = "UTC";
  Zone zone{};                  ///< of that name
  bool allow_unpriced = false;  ///< let models without a price through, held and charged at nothing
  friend bool operator==(const SpendConfig&, const SpendConfig&) = default;
};

struct LimitsConfig {
  std::optional<std::int64_t> requests_per_minute{};
  std::optional<std::int64_t> tokens_per_minute{};
  std::optional<std::int64_t> concurrent{};
  std::optional<std::int64_t> max_output_tokens{};  ///< the clamp
  friend bool operator==(const LimitsConfig&, const LimitsConfig&) = default;
};

struct ProjectConfig {
  std::string name{};                 ///< [A-Za-z0-9._-]{1,64}
  std::vector<std::string> models{};  ///< patterns as in routes; empty: all
  LimitsConfig limits{};
  SpendConfig spend{};
  bool from_file = false;  ///< the configuration file is its authority
  friend bool operator==(const ProjectConfig&, const ProjectConfig&) = default;
};

using KeyHash = std::array<std::uint8_t, 32>;  ///< SHA-256 of the complete key text

struct ApiKey {
  std::string id{};  ///< "key_" + 12 characters
  std::string name{};
  std::string project{};
  KeyHash hash{};
  WallTime created{};
  std::optional<WallTime> expires{};
  std::optional<WallTime> revoked{};
};

}  // namespace gateway
