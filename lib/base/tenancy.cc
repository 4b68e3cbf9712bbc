#include "gateway/tenancy.h"

#include "base/enum_names.h"

namespace gateway {
namespace {

constexpr std::array<std::string_view, 4> kPeriods{"day", "week", "month", "total"};
constexpr std::array<std::string_view, 2> kModes{"strict", "estimate"};

}  // namespace

std::string_view to_string(Period period) noexcept { return name_of(kPeriods, period); }
std::string_view to_string(SpendMode mode) noexcept { return name_of(kModes, mode); }
bool parse(std::string_view text, Period& period) noexcept { return value_of(kPeriods, text, period); }
bool parse(std::string_view text, SpendMode& mode) noexcept { return value_of(kModes, text, mode); }

}  // namespace gateway
