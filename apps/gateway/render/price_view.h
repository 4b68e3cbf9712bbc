// Prices as the commands show them: USD per million tokens, and per request, image and audio part.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/config.h"
#include "operations/price_text.h"

namespace gateway::app {

using operations::condition_text;
using operations::shown;
using operations::unit_of;

// "input 0.15, output 0.6"
std::string figures_text(const Prices& prices);
// Each override as "<condition>: <figures>", joined with "; ".
std::string overrides_text(const Prices& prices);

// "priority 2, flex 0.5"; {"priority":"2","flex":"0.5"}
std::string tiers_text(const Prices& prices);
std::string tiers_json(const Prices& prices);

// All figures, null if absent, the service tiers and the overrides.
std::string prices_json(const Prices& prices);
// [{"min_prompt_tokens":200001,"utc_start":"16:30","utc_end":"00:30","input":...}]: a condition there is none of is
// null.
std::string overrides_json(const Prices& prices);

}  // namespace gateway::app
