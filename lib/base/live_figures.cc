#include "gateway/live_figures.h"

#include "base/enum_names.h"

namespace gateway {
namespace {

constexpr std::array<std::string_view, 3> kBreakerStates{"closed", "half_open", "open"};
constexpr std::array<std::string_view, 3> kReasons{"rate_limited", "overloaded", "credentials"};
constexpr std::array<std::string_view, 3> kOutliers{"none", "errors", "slowness"};

}  // namespace

std::string_view to_string(BreakerState state) noexcept { return name_of(kBreakerStates, state); }
std::string_view to_string(Outlier outlier) noexcept { return name_of(kOutliers, outlier); }
std::string_view to_string(CoolingReason reason) noexcept { return name_of(kReasons, reason); }

}  // namespace gateway
