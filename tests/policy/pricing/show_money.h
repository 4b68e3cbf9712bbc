// Lets failed comparisons of amounts show them.
#pragma once

#include <string>

#include "gateway/money.h"
#include "support/catch.h"

namespace Catch {
template <>
struct StringMaker<gateway::Money> {
  static std::string convert(gateway::Money m) { return std::to_string(m.units()) + " units"; }
};
}  // namespace Catch
