#include "policy/routing/route_choice.h"

#include <algorithm>
#include <numeric>

#include "policy/routing/route_hash.h"
#include "policy/routing/strategies.h"

namespace gateway {
namespace {

// One level of a route: itself, or a group.
struct Level {
  std::size_t first, count;
  Strategy strategy;
  const TargetStrategy* own;
  const std::vector<TargetGroup>& groups;
};

Level level_of(const RouteConfig& route) noexcept {
  return {0, route.targets.size(), route.strategy, route.own_strategy.get(), route.groups};
}

Level level_of(const TargetGroup& group) noexcept {
  return {group.first, group.count, group.strategy, group.own_strategy.get(), group.groups};
}

class Choosing {
 public:
  Choosing(const RouteFacts& facts, std::span<const Candidate> candidates, std::uint64_t share, const Draw& draw,
           RouteChoice& out) noexcept
      : facts_(facts), candidates_(candidates), share_(share), draw_(draw), out_(out) {}

  void reject(const RouteConfig& route) noexcept {
    for (std::size_t i = 0; i < route.targets.size(); ++i) out_.reject(i, misfit_of(route.targets[i], facts_, share_));
    reject(route.groups);
  }

  void place(const Level& level) noexcept {
    std::array<Candidate, kMaxTargets> members;
    std::array<const TargetGroup*, kMaxTargets> groups;
    std::array<std::uint8_t, kMaxTargets> targets, order;
    std::size_t count = 0, next_group = 0;
    for (std::size_t i = level.first; i < level.first + level.count;) {
      const bool is_group = next_group < level.groups.size() && level.groups[next_group].first == i;
      const TargetGroup* group = is_group ? &level.groups[next_group++] : nullptr;
      const std::size_t end = i + (group != nullptr ? group->count : 1);
      if (group != nullptr ? summed(*group, members[count]) : fits(i, members[count])) {
        groups[count] = group;
        targets[count++] = static_cast<std::uint8_t>(i);
      }
      i = end;
    }
    std::iota(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), std::uint8_t{0});
    rank_members(level, {members.data(), count}, {order.data(), count});
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t member = order[i];
      if (groups[member] != nullptr) {
        place(level_of(*groups[member]));
      } else {
        out_.append(targets[member]);
      }
    }
  }

 private:
  void reject(const std::vector<TargetGroup>& groups) noexcept {
    for (const TargetGroup& group : groups) {
      const Misfit misfit = misfit_of(group, facts_, share_);
      for (std::size_t i = group.first; misfit != Misfit::none && i < group.first + group.count; ++i)
        out_.reject(i, misfit);
      if (misfit == Misfit::none) reject(group.groups);
    }
  }

  bool fits(std::size_t target, Candidate& out) const noexcept {
    if (out_.misfit(target) != Misfit::none) return false;
    out = candidates_[target];
    return true;
  }

  // A group as one candidate: as cheap and fast as its best target, as busy as all of them. False: nothing of it fits.
  bool summed(const TargetGroup& group, Candidate& out) const noexcept {
    bool any = false;
    Candidate sum;
    sum.weight = group.weight;
    for (std::size_t i = group.first; i < group.first + group.count; ++i) {
      Candidate each;
      if (!fits(i, each)) continue;
      if (each.cost && (!sum.cost || *each.cost < *sum.cost)) sum.cost = each.cost;
      if (each.first_event > Duration{0} && (sum.first_event == Duration{0} || each.first_event < sum.first_event))
        sum.first_event = each.first_event;
      sum.in_flight += each.in_flight;
      any = true;
    }
    out = sum;
    return any;
  }

  void rank_members(const Level& level, std::span<const Candidate> members, std::span<std::uint8_t> order) noexcept {
    Draw draw = draw_;
    // Each group draws for itself.
    if (level.first != 0 || level.count != candidates_.size()) draw.point = mixed(draw.point + level.first);
    if (level.own != nullptr) return level.own->rank(members, draw, order);
    return rank(level.strategy, members, draw, order);
  }

  const RouteFacts& facts_;
  const std::span<const Candidate> candidates_;
  const std::uint64_t share_;
  const Draw draw_;
  RouteChoice& out_;
};

}  // namespace

void RouteChoice::take_all(std::size_t targets) noexcept {
  size_ = targets;
  std::iota(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(targets), std::uint8_t{0});
}

bool has_choice(const RouteConfig& route) noexcept {
  const auto is_special = [](const TargetConfig& each) {
    return each.when || each.canary || each.can || each.context_length;
  };
  return route.strategy != Strategy::ordered || route.own_strategy != nullptr || !route.groups.empty() ||
         std::any_of(route.targets.begin(), route.targets.end(), is_special);
}

void choose(const RouteConfig& route, const RouteFacts& facts, std::span<const Candidate> candidates,
            RouteChoice& out) noexcept {
  const std::uint64_t seed = hash_of(route.pattern);
  Draw draw{.turn = facts.turn, .point = point_of(facts.turn, seed), .sticky = false};
  if (const auto identity = route.sticky ? identity_of(facts, *route.sticky) : std::nullopt) {
    draw.point = *identity;
    draw.sticky = true;
  }
  Choosing choosing(facts, candidates, share_of(facts.turn, seed), draw, out);
  choosing.reject(route);
  choosing.place(level_of(route));
}

}  // namespace gateway
