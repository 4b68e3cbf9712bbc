// Which of a route's targets may serve one request, in the order in which to try them. Pure: what acts and what
// explains make the same choice.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "gateway/strategy.h"
#include "policy/routing/route_facts.h"

namespace gateway {

class RouteChoice {
 public:
  // The places of the targets that fit.
  std::span<const std::uint8_t> order() const noexcept { return {order_.data(), size_}; }
  std::size_t target(std::size_t place) const noexcept { return order_[place]; }
  std::size_t size() const noexcept { return size_; }
  // Why a target of the route is not in the order; none: it is.
  Misfit misfit(std::size_t target) const noexcept { return misfits_[target]; }

  // All of them, as they are listed.
  void take_all(std::size_t targets) noexcept;
  void reject(std::size_t target, Misfit why) noexcept { misfits_[target] = why; }
  void append(std::size_t target) noexcept { order_[size_++] = static_cast<std::uint8_t>(target); }

 private:
  std::array<std::uint8_t, kMaxTargets> order_{};
  std::array<Misfit, kMaxTargets> misfits_{};
  std::size_t size_ = 0;
};

// Whether there is anything to choose: without it all targets are tried as they are listed.
bool has_choice(const RouteConfig& route) noexcept;

// `candidates`: of all targets of the route, with what its strategies look at. `out` is new. Allocates nothing.
void choose(const RouteConfig& route, const RouteFacts& facts, std::span<const Candidate> candidates,
            RouteChoice& out) noexcept;

}  // namespace gateway
