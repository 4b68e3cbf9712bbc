// A provider with several keys: as routes and health see it, one provider for each of them, named "openai#work".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/config.h"

namespace gateway {

struct KeyedName {
  std::string_view provider;
  std::string_view key;  // empty: it has one alone
};

constexpr KeyedName split_keyed(std::string_view name) noexcept {
  const std::size_t mark = name.find('#');  // which no provider's name has
  if (mark == std::string_view::npos) return {name, {}};
  return {name.substr(0, mark), name.substr(mark + 1)};
}

std::string keyed_name(const ProviderConfig& provider, const ProviderKey& key);
// The provider with that key alone. It keeps its name, which is what rows have.
ProviderConfig with_key(const ProviderConfig& provider, const ProviderKey& key);

// Each target of a provider with several keys becomes a group with a target for each key, among which requests are
// spread by the keys' weights: what one of them is refused goes to the next.
std::vector<RouteConfig> with_key_groups(std::vector<RouteConfig> routes, const std::vector<ProviderConfig>& providers);

}  // namespace gateway
