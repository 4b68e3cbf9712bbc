// What rows and sums of the ledger, and which keys are queried, from texts: the same for flags and for a call's
// parameters.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ledger.h"
#include "gateway/result.h"
#include "gateway/time.h"
#include "operations/keys.h"
#include "operations/usage.h"

namespace gateway::app {

inline constexpr std::size_t kMaxFilterValues = 100;  // of one filter

// `prefix` is what an error writes before a name: "--" for flags. Lists may have several items with commas between
// them.
struct FilterTexts {
  std::vector<std::string> project, key, model, served_model, provider;
  std::vector<std::string> endpoint, code;  // lists
  std::optional<std::string> since, until, tz;
};
struct RowTexts : FilterTexts {
  std::vector<std::string> state, status, flag;  // lists
  std::optional<std::string> request, min_cost, min_duration, streamed;
};
// Days begin in the zone `tz`.
Result<RowQuery> read_row_query(const RowTexts& texts, std::string_view prefix, WallTime now);
// The zone in which times are printed; UTC if there is none.
Result<Zone> read_tz(const std::optional<std::string>& text, std::string_view prefix);

struct UsageTexts : FilterTexts {
  std::optional<std::string> top, order;
  std::vector<std::string> by{"project,model"};
};
struct UsageRequest {
  UsageQuery query;
  operations::UsageShape shape;
};
Result<UsageRequest> read_usage_query(const UsageTexts& texts, std::string_view prefix, WallTime now);

// A list of keys, but for its page.
Result<operations::KeyQuery> read_key_query(const std::optional<std::string>& project,
                                            const std::optional<std::string>& order,
                                            const std::optional<std::string>& unused_for, std::string_view prefix);

}  // namespace gateway::app
