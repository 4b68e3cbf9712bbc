#include "gateway/config.h"

#include "base/enum_names.h"

namespace gateway {
namespace {

constexpr std::array<std::string_view, 2> kShares{"requests", "projects"};

}  // namespace

std::string_view to_string(StagedShare::Of of) noexcept { return name_of(kShares, of); }

}  // namespace gateway
