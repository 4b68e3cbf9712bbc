// Which of a route's targets may serve one request, in the order in which to try them. Pure: what acts and what
// explains make the same choice.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "gateway/strategy.h"
#include "policy/routing/route_facts.h"

namespace gateway {

class RouteChoice {
 public:
  RouteChoice() noexcept {}
  RouteChoice(const RouteChoice& other) noexcept { *this = other; }
  RouteChoice& operator=(const RouteChoice& other) noexcept;
  ~RouteChoice() = default;

  // The places of the targets that fit.
  std::span<const std::uint8_t> order() const noexcept { return {order_.data(), size_}; }
  std::size_t target(std::size_t place) const noexcept { return order_[place]; }
  std::size_t size() const noexcept { return size_; }
  // Why a target of the route is not in the order; none: it is.
  Misfit misfit(std::size_t target) const noexcept { return has_misfits_ ? misfits_[target] : Misfit::none; }

  // All of them, as they are listed.
  void take_all(std::size_t targets) noexcept;
  void reject(std::size_t target, Misfit why) noexcept {
    if (!std::exchange(has_misfits_, true)) misfits_.fill(Misfit::none);
    misfits_[target] = why;
  }
  void append(std::size_t target) noexcept { order_[size_++] = static_cast<std::uint8_t>(target); }
  // Targets by their places after `first`.
  void append(std::size_t first, std::span<const std::uint8_t> places) noexcept {
    std::transform(places.begin(), places.end(), order_.begin() + static_cast<std::ptrdiff_t>(size_),
                   [first](std::uint8_t place) { return static_cast<std::uint8_t>(first + place); });
    size_ += places.size();
  }
  // Has those that rest follow all others, each part in its order; but no more than `most` of them, the last ones.
  void put_last(const std::bitset<kMaxTargets>& resting, std::size_t most) noexcept;

 private:
  // Most routes have few targets, and reject none: what is not used is neither filled nor copied.
  std::size_t size_ = 0;
  bool has_misfits_ = false;
  std::array<std::uint8_t, kMaxTargets> order_;
  std::array<Misfit, kMaxTargets> misfits_;
};

// Whether there is anything to choose: without it all targets are tried as they are listed.
bool has_choice(const RouteConfig& route) noexcept;

// What choosing looks up of a route, found once when it is loaded.
struct RouteTable {
  explicit RouteTable(const RouteConfig& config);

  const RouteConfig* route;
  std::uint64_t seed;
  std::vector<Candidate> candidates;      // of its targets, without what changes
  std::vector<std::uint8_t> conditional;  // the targets that are not for all requests
};

// `candidates`: those of the table, with what the route's strategies look at. `out` is new. Allocates nothing.
void choose(const RouteTable& table, const RouteFacts& facts, std::span<const Candidate> candidates,
            RouteChoice& out) noexcept;

}  // namespace gateway
