#include "policy/routing/provider_keys.h"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

const ProviderConfig* provider_with_keys(const std::vector<ProviderConfig>& providers, const TargetConfig& target) {
  const auto found = std::find_if(providers.begin(), providers.end(), [&](const ProviderConfig& provider) {
    return provider.name == target.provider && !provider.api_keys.empty();
  });
  return found == providers.end() ? nullptr : &*found;
}

class KeyGroups {
 public:
  KeyGroups(const RouteConfig& route, const std::vector<ProviderConfig>& providers) : route_(route) {
    for (const TargetConfig& target : route.targets) {
      starts_.push_back(targets_.size());
      const ProviderConfig* provider = provider_with_keys(providers, target);
      if (provider == nullptr) {
        targets_.push_back(target);
        continue;
      }
      for (const ProviderKey& key : provider->api_keys) {
        TargetConfig& keyed = targets_.emplace_back(target);
        keyed.provider = keyed_name(*provider, key);
        keyed.weight = key.weight;
      }
    }
    starts_.push_back(targets_.size());
  }

  RouteConfig made() && {
    RouteConfig out = route_;
    out.groups = members(route_.groups, 0, route_.targets.size());
    out.targets = std::move(targets_);
    return out;
  }

 private:
  std::vector<TargetGroup> members(const std::vector<TargetGroup>& groups, std::size_t first, std::size_t count) const {
    std::vector<TargetGroup> out;
    auto group = groups.begin();
    for (std::size_t i = first; i < first + count;) {
      const bool is_group = group != groups.end() && group->first == i;
      const std::size_t end = i + (is_group ? group->count : 1);
      const bool is_keyed = !split_keyed(targets_[starts_[i]].provider).key.empty();
      if (is_group || is_keyed) {
        TargetGroup& made = out.emplace_back(is_group ? *group : TargetGroup{});
        made.first = starts_[i];
        made.count = starts_[end] - starts_[i];
        if (is_group) {
          made.groups = members(group->groups, i, group->count);
          ++group;
        } else {
          made.strategy = Strategy::weighted;
          made.weight = route_.targets[i].weight;
        }
      }
      i = end;
    }
    return out;
  }

  const RouteConfig& route_;
  std::vector<TargetConfig> targets_;
  std::vector<std::size_t> starts_;
};

}  // namespace

std::string keyed_name(const ProviderConfig& provider, const ProviderKey& key) {
  return provider.name + "#" + key.name;
}

ProviderConfig with_key(const ProviderConfig& provider, const ProviderKey& key) {
  ProviderConfig out = provider;
  out.api_key = key.key;
  out.api_keys.clear();
  return out;
}

std::vector<RouteConfig> with_key_groups(std::vector<RouteConfig> routes,
                                         const std::vector<ProviderConfig>& providers) {
  for (RouteConfig& route : routes) {
    const bool any = std::any_of(route.targets.begin(), route.targets.end(), [&](const TargetConfig& target) {
      return provider_with_keys(providers, target) != nullptr;
    });
    if (any) route = KeyGroups(route, providers).made();
  }
  return routes;
}

}  // namespace gateway
