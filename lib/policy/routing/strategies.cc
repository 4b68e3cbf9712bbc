#include "policy/routing/strategies.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "policy/routing/route_hash.h"

namespace gateway {
namespace {

using Order = std::span<std::uint8_t>;
__extension__ using Scaled = unsigned __int128;

constexpr std::uint64_t kExploreEvery = 32;
constexpr std::int64_t kLoadUnit = std::int64_t{1} << 24;
constexpr std::int64_t kWorst = std::numeric_limits<std::int64_t>::max();

// Takes the candidate at `from` forward to `to`; those between keep their order.
void bring_forward(Order order, std::size_t from, std::size_t to) noexcept {
  std::rotate(order.begin() + static_cast<std::ptrdiff_t>(to), order.begin() + static_cast<std::ptrdiff_t>(from),
              order.begin() + static_cast<std::ptrdiff_t>(from) + 1);
}

// The first places by the smallest keys, of equal ones the earlier in the order.
void rank_by(Order order, std::span<const std::int64_t> keys) noexcept {
  const std::size_t places = std::min(order.size(), kRankedPlaces);
  for (std::size_t place = 0; place < places; ++place) {
    std::size_t best = place;
    for (std::size_t i = place + 1; i < order.size(); ++i) {
      if (keys[order[i]] < keys[order[best]]) best = i;
    }
    if (best != place) bring_forward(order, best, place);
  }
}

// Each place is drawn among those left, by their weights. What is left of the point within the chosen one's part of the
// range is the point of the next draw.
void draw_by_weight(std::span<const Candidate> candidates, std::uint64_t point, Order order) noexcept {
  std::uint64_t total = 0;
  for (const Candidate& each : candidates) total += static_cast<std::uint64_t>(each.weight);
  const std::size_t places = std::min(order.size() - 1, kRankedPlaces);
  for (std::size_t place = 0; place < places; ++place) {
    const Scaled at = Scaled{point} * total;
    std::uint64_t left = static_cast<std::uint64_t>(at >> 64);
    std::size_t i = place;
    std::uint64_t weight = static_cast<std::uint64_t>(candidates[order[i]].weight);
    while (left >= weight) {
      left -= weight;
      weight = static_cast<std::uint64_t>(candidates[order[++i]].weight);
    }
    point = static_cast<std::uint64_t>(((Scaled{left} << 64) | static_cast<std::uint64_t>(at)) / weight);
    total -= weight;
    bring_forward(order, i, place);
  }
}

// Rendezvous hashing: each candidate's chance is its weight's, and another that comes or goes moves no request between
// those that stay.
void rank_by_identity(std::span<const Candidate> candidates, std::uint64_t identity, Order order) noexcept {
  std::array<std::int64_t, kMaxTargets> keys;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const TargetConfig* target = candidates[i].target;
    const std::uint64_t own =
        target != nullptr ? hash_of(target->provider, hash_of(target->model, identity)) : mixed(identity + i);
    const double share = (static_cast<double>(own >> 11) + 0.5) * 0x1p-53;
    keys[i] = static_cast<std::int64_t>(
        std::min(-std::log(share) * 0x1p40 / static_cast<double>(candidates[i].weight), 0x1p62));
  }
  rank_by(order, keys);
}

void rank_by_cost(std::span<const Candidate> candidates, Order order) noexcept {
  std::array<std::int64_t, kMaxTargets> keys;
  for (std::size_t i = 0; i < candidates.size(); ++i) keys[i] = candidates[i].cost.value_or(Money::max()).units();
  rank_by(order, keys);
}

// One of which nothing is known is tried first, but by one request at a time. Now and then another than the fastest is
// first, each in its turn: it may have become faster.
void rank_by_pace(std::span<const Candidate> candidates, const Draw& draw, Order order) noexcept {
  std::array<std::int64_t, kMaxTargets> keys;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& each = candidates[i];
    keys[i] = each.first_event > Duration{0} ? each.first_event.count() : each.in_flight == 0 ? 0 : kWorst;
  }
  rank_by(order, keys);
  if (draw.turn % kExploreEvery != kExploreEvery - 1) return;
  const auto explored = static_cast<std::uint8_t>(draw.turn / kExploreEvery % candidates.size());
  const auto found = std::find(order.begin(), order.end(), explored);
  bring_forward(order, static_cast<std::size_t>(found - order.begin()), 0);
}

// Attempts under way for each unit of weight; of equally busy ones the draw decides.
void rank_by_load(std::span<const Candidate> candidates, const Draw& draw, Order order) noexcept {
  std::array<std::int64_t, kMaxTargets> keys;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    keys[i] = std::min(candidates[i].in_flight, kWorst / kLoadUnit) * kLoadUnit / candidates[i].weight;
  }
  draw_by_weight(candidates, draw.point, order);
  rank_by(order, keys);
}

}  // namespace

std::string_view to_string(Strategy strategy) noexcept {
  switch (strategy) {
    case Strategy::ordered:
      return "ordered";
    case Strategy::weighted:
      return "weighted";
    case Strategy::cheapest:
      return "cheapest";
    case Strategy::fastest:
      return "fastest";
    case Strategy::least_busy:
      return "least_busy";
  }
  return {};
}

void rank(Strategy strategy, std::span<const Candidate> candidates, const Draw& draw, Order order) noexcept {
  if (candidates.size() < 2) return;
  switch (strategy) {
    case Strategy::ordered:
      return;
    case Strategy::weighted:
      return draw.sticky ? rank_by_identity(candidates, draw.point, order)
                         : draw_by_weight(candidates, draw.point, order);
    case Strategy::cheapest:
      return rank_by_cost(candidates, order);
    case Strategy::fastest:
      return rank_by_pace(candidates, draw, order);
    case Strategy::least_busy:
      return rank_by_load(candidates, draw, order);
  }
}

}  // namespace gateway
