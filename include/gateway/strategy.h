// A strategy of an embedder's own: the order in which a route's targets are tried.
//
//   struct Nearest final : TargetStrategy {
//     void rank(std::span<const Candidate> candidates, const Draw&, std::span<std::uint8_t> order) const noexcept
//     override;
//   };
//   config.routes[0].own_strategy = std::make_shared<Nearest>();
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "gateway/money.h"
#include "gateway/route.h"
#include "gateway/time.h"

namespace gateway {

/// A target, or a group with targets that the request fits, of which it shows the best figures.
struct Candidate {
  const TargetConfig* target = nullptr;  ///< null: a group
  std::int64_t weight = 1;
  std::optional<Money> cost;   ///< expected of this request; absent: no price is known
  Duration first_event{};      ///< mean time from dispatch to an answer's first event; zero: not known
  std::int64_t in_flight = 0;  ///< attempts under way
  std::uint64_t mark = 0;      ///< a hash of its provider and model
};

/// This request's share of chance. The same draw and the same candidates are to make the same order.
struct Draw {
  std::uint64_t turn = 0;   ///< counts the route's requests
  std::uint64_t point = 0;  ///< from the whole range; those of successive turns are spread evenly
  bool sticky = false;      ///< `point` is what identifies the request, and the same for all of them
};

/// Immutable, or safe from any thread.
class TargetStrategy {
 public:
  virtual ~TargetStrategy() = default;
  /// Whether it looks at Candidate::cost, which takes a look at each one's prices.
  virtual bool needs_cost() const noexcept { return false; }
  /// Permutes `order`, which holds the places of those candidates that the request fits, as they are listed: the best
  /// one first.
  virtual void rank(std::span<const Candidate> candidates, const Draw& draw,
                    std::span<std::uint8_t> order) const noexcept = 0;
};

}  // namespace gateway
