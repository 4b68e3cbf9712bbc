// What a running Core knows of this moment, as plain values: its targets' health, and its projects' limits in use.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

enum class BreakerState : std::uint8_t { closed, half_open, open };
enum class CoolingReason : std::uint8_t { rate_limited, overloaded, credentials };
/// What a target does far worse than the others of its route: see OutlierConfig.
enum class Outlier : std::uint8_t { none, errors, slowness };

std::string_view to_string(BreakerState state) noexcept;    ///< "closed", "half_open", "open"
std::string_view to_string(CoolingReason reason) noexcept;  ///< "rate_limited", "overloaded", "credentials"
std::string_view to_string(Outlier outlier) noexcept;       ///< "none", "errors", "slowness"

struct TargetHealthView {
  std::string provider;
  /// The provider's name for it. "*": the worst of all those that neither the configuration
  /// nor the provider's list names, which clients made up.
  std::string model;
  BreakerState state = BreakerState::closed;  ///< the worst that any project sees
  /// Until it may be tried again, because it requested that; zero: it does not cool down.
  std::chrono::milliseconds cooling{0};
  std::optional<CoolingReason> reason{};  ///< present while it cools down
  std::string key{};                      ///< of a provider with several keys, the name of this one; else empty
  Outlier outlier = Outlier::none;        ///< why it rests: it is tried after the others of its route
  std::chrono::milliseconds resting{0};   ///< for how long yet; zero: it does not
};

struct ProjectLimitsView {
  std::string project;
  std::int64_t in_flight = 0;  ///< its requests that are under way
  /// What may be used at once; absent if there is no such limit.
  std::optional<std::int64_t> requests_remaining{}, tokens_remaining{}, concurrent_remaining{};
};

}  // namespace gateway
