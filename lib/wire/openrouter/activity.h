// What OpenRouter reports that it charged, by day, model and provider: its GET /activity, and files exported from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/money.h"
#include "gateway/result.h"

namespace gateway {

// Several rows may speak of one (day, model, provider): they add up.
struct ActivityRow {
  std::string day;        // "2026-11-22", UTC
  std::string model;      // "openai/gpt-4.1"
  std::string permaslug;  // "openai/gpt-4.1-2025-04-14"; empty: not reported
  std::string endpoint;   // empty: not reported
  std::string provider;   // as OpenRouter names it: "OpenAI"
  Money usage;            // credits spent, USD
  Money byok_usage;       // what providers charged keys of one's own
  std::int64_t requests = 0;
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  std::int64_t reasoning_tokens = 0;  // within completion_tokens
};

// Reads {"data":[row...]}, [row...], one JSON row a line, or CSV with a line of column names (also the names of
// OpenRouter's export of single requests, in which a row without a number of requests is one). Amounts are rounded to
// 10^-12. Error: invalid, naming the row that is wrong; or that the text is no bill: not JSON, and without columns of
// date, model and usage.
Result<std::vector<ActivityRow>> read_activity(std::string_view text);

}  // namespace gateway
