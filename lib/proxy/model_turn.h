// One of the models that may answer a request, and where the request may go for it.
#pragma once

#include <bitset>
#include <cstddef>

#include "gateway/route.h"
#include "policy/routing/route_choice.h"

namespace gateway {

struct ModelTurn {
  std::size_t model = 0;  // see model_at()
  const RouteConfig* route = nullptr;
  RouteChoice choice{};
  std::bitset<kMaxTargets> declined_by{};  // targets of the route, which would answer the same again
};

}  // namespace gateway
