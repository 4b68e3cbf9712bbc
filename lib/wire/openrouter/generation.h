// OpenRouter's GET /generation?id=: what one request cost, reported some seconds after its end.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/money.h"
#include "gateway/result.h"
#include "gateway/row.h"

namespace gateway {

struct Generation {
  std::string id, model, provider, finish_reason;  // empty: null or absent
  std::optional<Money> cost;                       // in OpenRouter's credits, USD
  std::optional<Money> upstream_cost;              // what the provider charges a key of one's own
  bool has_usage = false;
  Usage usage;  // in the model's own tokens, by which it is billed; counted OpenRouter's way if those are not reported
  bool is_byok = false;
  bool cancelled = false;
  bool streamed = false;
};

// Errors: not_found (OpenRouter knows no such generation, or not yet); invalid.
Result<Generation> read_generation(std::string_view json);

}  // namespace gateway
