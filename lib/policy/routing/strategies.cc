#include "policy/routing/strategies.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "policy/routing/route_hash.h"

namespace gateway {
namespace {

using Order = std::span<std::uint8_t>;
__extension__ using Scaled = unsigned __int128;

constexpr std::uint64_t kExploreEvery = 32;
constexpr std::int64_t kWorst = std::numeric_limits<std::int64_t>::max();

// Takes the candidate at `from` forward to `to`; those between keep their order.
void bring_forward(Order order, std::size_t from, std::size_t to) noexcept {
  std::rotate(order.begin() + static_cast<std::ptrdiff_t>(to), order.begin() + static_cast<std::ptrdiff_t>(from),
              order.begin() + static_cast<std::ptrdiff_t>(from) + 1);
}

// One for each place of the order.
template <class Key>
using Keys = std::array<Key, kMaxTargets>;

// The smallest keys that were seen, of equal ones the earlier.
template <class Key>
class Best {
 public:
  bool is_full() const noexcept { return count_ == kRankedPlaces; }
  const Key& worst() const noexcept { return keys_[count_ - 1]; }
  void add(const Key& key, std::size_t from) noexcept {
    if (is_full() && key >= worst()) return;
    std::size_t place = is_full() ? count_ - 1 : count_++;
    for (; place > 0 && key < keys_[place - 1]; --place)
      keys_[place] = keys_[place - 1], from_[place] = from_[place - 1];
    keys_[place] = key;
    from_[place] = from;
  }
  // Takes them to the front.
  void put_first(Order order) const noexcept {
    for (std::size_t place = 0; place < count_; ++place) {
      // Those that were brought forward from behind it have shifted it.
      const auto shift = std::count_if(from_.begin(), from_.begin() + static_cast<std::ptrdiff_t>(place),
                                       [&](std::size_t other) { return other > from_[place]; });
      bring_forward(order, from_[place] + static_cast<std::size_t>(shift), place);
    }
  }

 private:
  std::array<Key, kRankedPlaces> keys_{};
  std::array<std::size_t, kRankedPlaces> from_{};
  std::size_t count_ = 0;
};

// The first places by the smallest keys, of equal ones the earlier in the order.
template <class Key>
void rank_by(Order order, const Keys<Key>& keys) noexcept {
  Best<Key> best;
  for (std::size_t i = 0; i < order.size(); ++i) best.add(keys[i], i);
  best.put_first(order);
}

std::uint64_t total_weight(std::span<const Candidate> candidates, Order order) noexcept {
  std::uint64_t total = 0;
  for (const std::uint8_t each : order) total += static_cast<std::uint64_t>(candidates[each].weight);
  return total;
}

// Of the places from `from` on, whose weights are `total`, the one in whose part of the range the point is. What is
// left of the point within that part becomes the point of the next draw.
std::size_t draw_one(std::span<const Candidate> candidates, Order order, std::size_t from, std::uint64_t total,
                     std::uint64_t& point) noexcept {
  const Scaled at = Scaled{point} * total;
  std::uint64_t left = static_cast<std::uint64_t>(at >> 64);
  std::uint64_t weight = static_cast<std::uint64_t>(candidates[order[from]].weight);
  while (left >= weight) {
    left -= weight;
    weight = static_cast<std::uint64_t>(candidates[order[++from]].weight);
  }
  point = static_cast<std::uint64_t>(((Scaled{left} << 64) | static_cast<std::uint64_t>(at)) / weight);
  return from;
}

// Each place is drawn among those left, by their weights.
void draw_by_weight(std::span<const Candidate> candidates, std::uint64_t point, Order order) noexcept {
  std::uint64_t total = total_weight(candidates, order);
  const std::size_t places = std::min(order.size() - 1, kRankedPlaces);
  for (std::size_t place = 0; place < places; ++place) {
    bring_forward(order, draw_one(candidates, order, place, total, point), place);
    total -= static_cast<std::uint64_t>(candidates[order[place]].weight);
  }
}

// -log2(point / 2^64) in units of 2^-32, to a thousandth of itself; in whole numbers, so that it is the same on every
// machine. Within an octave it is a polynomial that has the logarithm's value and slope at both ends.
std::int64_t minus_log2(std::uint64_t point) noexcept {
  constexpr std::int64_t kOne = std::int64_t{1} << 30;
  constexpr std::int64_t kStart = 475'340'181, kBend = -176'139'359, kMiddle = -84'000'000;  // in 1/kOne
  point |= 1;
  const int octave = std::countl_zero(point);
  const auto part = static_cast<std::int64_t>((point << octave << 1) >> 34);
  const std::int64_t both = part * (kOne - part) >> 30;  // zero at both ends
  const std::int64_t bend = kStart + (kBend * part >> 30) + (kMiddle * both >> 30);
  return ((octave + 1) * kOne - part - (both * bend >> 30)) * 4;
}

// Rendezvous hashing: each candidate's chance is its weight's, and another that comes or goes moves no request between
// those that stay.
void rank_by_identity(std::span<const Candidate> candidates, std::uint64_t identity, Order order) noexcept {
  Best<double> best;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Candidate& each = candidates[order[i]];
    const std::uint64_t point = mixed(identity ^ each.mark);
    const auto weight = static_cast<double>(each.weight);
    // -log2(x) is more than 1 - x: most candidates are seen by that not to be among the best.
    if (best.is_full() && static_cast<double>(~point >> 32) >= best.worst() * weight) continue;
    best.add(static_cast<double>(minus_log2(point)) / weight, i);
  }
  best.put_first(order);
}

void rank_by_cost(std::span<const Candidate> candidates, Order order) noexcept {
  Keys<std::int64_t> keys{};
  for (std::size_t i = 0; i < order.size(); ++i) keys[i] = candidates[order[i]].cost.value_or(Money::max()).units();
  rank_by(order, keys);
}

// One of which nothing is known is tried first, but by one request at a time. Now and then another than the fastest is
// first, each in its turn: it may have become faster.
void rank_by_pace(std::span<const Candidate> candidates, const Draw& draw, Order order) noexcept {
  const std::uint8_t explored = order[draw.turn / kExploreEvery % order.size()];
  Keys<std::int64_t> keys{};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Candidate& each = candidates[order[i]];
    keys[i] = each.first_event > Duration{0} ? each.first_event.count() : each.in_flight == 0 ? 0 : kWorst;
  }
  rank_by(order, keys);
  if (draw.turn % kExploreEvery != kExploreEvery - 1) return;
  const auto found = std::find(order.begin(), order.end(), explored);
  bring_forward(order, static_cast<std::size_t>(found - order.begin()), 0);
}

// Attempts under way for each unit of weight; of equally busy ones the next from one that is drawn by weight.
void rank_by_load(std::span<const Candidate> candidates, const Draw& draw, Order order) noexcept {
  std::uint64_t point = draw.point;
  const std::size_t drawn = draw_one(candidates, order, 0, total_weight(candidates, order), point);
  std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(drawn), order.end());
  Best<double> best;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Candidate& each = candidates[order[i]];
    const auto busy = static_cast<double>(each.in_flight), weight = static_cast<double>(each.weight);
    // A division takes longer than all else.
    if (!best.is_full() || busy < best.worst() * weight) best.add(busy / weight, i);
  }
  best.put_first(order);
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
  if (order.size() < 2) return;
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
