// The ledger's sums, by what is asked.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ledger.h"
#include "operations/deployment.h"

namespace gateway::operations {

struct UsageKeyName {
  std::string_view name;
  UsageKey key;
};
inline constexpr std::array<UsageKeyName, 13> kUsageKeys{{{"quarter", UsageKey::quarter},
                                                          {"hour", UsageKey::hour},
                                                          {"day", UsageKey::day},
                                                          {"week", UsageKey::week},
                                                          {"month", UsageKey::month},
                                                          {"project", UsageKey::project},
                                                          {"key", UsageKey::key},
                                                          {"model", UsageKey::model},
                                                          {"served_model", UsageKey::served_model},
                                                          {"provider", UsageKey::provider},
                                                          {"endpoint", UsageKey::operation},
                                                          {"state", UsageKey::state},
                                                          {"code", UsageKey::code}}};
std::string_view name_of(UsageKey key) noexcept;

// In which order sums are listed, and which of them are the top ones: the largest first; of equal ones, by their key.
enum class UsageOrder : std::uint8_t { key, cost, requests, tokens };

struct UsageShape {
  UsageOrder order = UsageOrder::key;  // by key: of the top ones those that cost most
  // So many combinations of what is no time are listed, those that come first over the whole span; all others are
  // summed as kOtherSums in each of the query's times. 0: all.
  std::int64_t top = 0;
};
inline constexpr std::string_view kOtherSums = "other";

struct UsageAnswer {
  std::vector<UsageSum> sums;  // of this page
  UsageSum total;              // of all pages; its key is empty
  std::size_t all = 0;         // how many sums there are, on all pages
  std::optional<std::string> next;
};

// Keys may be given by name. A cursor counts the sums before it: what was written meanwhile may move them.
// Errors: not_found (a project), invalid (the cursor; `top` of times alone).
Result<UsageAnswer> usage(const Deployment& deployment, const UsageQuery& query, const Page& page,
                          const UsageShape& shape = {});

}  // namespace gateway::operations
