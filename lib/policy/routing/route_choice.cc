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

bool is_conditional(const TargetConfig& target) noexcept {
  return target.when || target.canary || target.can || target.context_length;
}

class Choosing {
 public:
  Choosing(const RouteFacts& facts, std::span<const Candidate> candidates, std::uint64_t share, const Draw& draw,
           RouteChoice& out) noexcept
      : facts_(facts), candidates_(candidates), share_(share), draw_(draw), out_(out) {}

  void reject(const RouteTable& table) noexcept {
    for (const std::uint8_t i : table.conditional) out_.reject(i, misfit_of(table.route->targets[i], facts_, share_));
    reject(table.route->groups);
  }

  void place(const Level& level) noexcept { return level.groups.empty() ? place_targets(level) : place_members(level); }

 private:
  void reject(const std::vector<TargetGroup>& groups) noexcept {
    for (const TargetGroup& group : groups) {
      const Misfit misfit = misfit_of(group, facts_, share_);
      for (std::size_t i = group.first; misfit != Misfit::none && i < group.first + group.count; ++i)
        out_.reject(i, misfit);
      if (misfit == Misfit::none) reject(group.groups);
    }
  }

  bool fits(std::size_t target) const noexcept { return out_.misfit(target) == Misfit::none; }

  void place_targets(const Level& level) noexcept {
    std::array<std::uint8_t, kMaxTargets> order;
    std::size_t count = 0;
    for (std::size_t i = 0; i < level.count; ++i) {
      order[count] = static_cast<std::uint8_t>(i);
      count += fits(level.first + i) ? 1 : 0;
    }
    rank_members(level, candidates_.subspan(level.first, level.count), {order.data(), count});
    out_.append(level.first, {order.data(), count});
  }

  // Groups among them: each is one member.
  void place_members(const Level& level) noexcept {
    std::array<Candidate, kMaxTargets> members;
    std::array<const TargetGroup*, kMaxTargets> groups;
    std::array<std::uint8_t, kMaxTargets> targets, order;
    std::size_t count = 0, next_group = 0;
    for (std::size_t i = level.first; i < level.first + level.count;) {
      const bool is_group = next_group < level.groups.size() && level.groups[next_group].first == i;
      const TargetGroup* group = is_group ? &level.groups[next_group++] : nullptr;
      if (group == nullptr) members[count] = candidates_[i];
      if (group != nullptr ? summed(*group, members[count]) : fits(i)) {
        groups[count] = group;
        targets[count++] = static_cast<std::uint8_t>(i);
      }
      i += group != nullptr ? group->count : 1;
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

  // A group as one candidate: as cheap and fast as its best target, as busy as all of them. False: nothing of it fits.
  bool summed(const TargetGroup& group, Candidate& out) const noexcept {
    bool any = false;
    Candidate sum;
    sum.weight = group.weight;
    sum.mark = mixed(candidates_[group.first].mark);
    for (std::size_t i = group.first; i < group.first + group.count; ++i) {
      if (!fits(i)) continue;
      const Candidate& each = candidates_[i];
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

RouteChoice& RouteChoice::operator=(const RouteChoice& other) noexcept {
  if (this == &other) return *this;
  size_ = other.size_;
  std::copy_n(other.order_.begin(), size_, order_.begin());
  has_misfits_ = other.has_misfits_;
  if (has_misfits_) misfits_ = other.misfits_;
  return *this;
}

void RouteChoice::take_all(std::size_t targets) noexcept {
  size_ = targets;
  std::iota(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(targets), std::uint8_t{0});
}

void RouteChoice::put_last(const std::bitset<kMaxTargets>& resting, std::size_t most) noexcept {
  std::array<std::uint8_t, kMaxTargets> last;
  std::size_t kept = size_, count = 0;
  for (std::size_t place = size_; place-- > 0;) {  // from the end: those that stay move there
    const bool rests = count < most && resting.test(order_[place]);
    if (rests) {
      last[count++] = order_[place];
    } else {
      order_[--kept] = order_[place];
    }
  }
  std::copy(order_.begin() + static_cast<std::ptrdiff_t>(kept), order_.begin() + static_cast<std::ptrdiff_t>(size_),
            order_.begin());
  for (std::size_t i = 0; i < count; ++i) order_[size_ - 1 - i] = last[i];
}

bool has_choice(const RouteConfig& route) noexcept {
  return route.strategy != Strategy::ordered || route.own_strategy != nullptr || !route.groups.empty() ||
         std::any_of(route.targets.begin(), route.targets.end(), is_conditional);
}

RouteTable::RouteTable(const RouteConfig& config) : route(&config), seed(hash_of(config.pattern)) {
  for (const TargetConfig& target : config.targets) {
    if (is_conditional(target)) conditional.push_back(static_cast<std::uint8_t>(candidates.size()));
    Candidate& each = candidates.emplace_back();
    each.target = &target;
    each.weight = target.weight;
    each.mark = hash_of(target.provider, hash_of(target.model));
  }
}

void choose(const RouteTable& table, const RouteFacts& facts, std::span<const Candidate> candidates,
            RouteChoice& out) noexcept {
  const RouteConfig& route = *table.route;
  Draw draw{.turn = facts.turn, .point = point_of(facts.turn, table.seed), .sticky = false};
  if (const auto identity = route.sticky ? identity_of(facts, *route.sticky) : std::nullopt) {
    draw.point = *identity;
    draw.sticky = true;
  }
  Choosing choosing(facts, candidates, share_of(facts.turn, table.seed), draw, out);
  choosing.reject(table);
  choosing.place(level_of(route));
}

}  // namespace gateway
