// The pages at /mcp/claim/...: a person signs in and sees a new key, once.
#pragma once

#include <string>
#include <string_view>

#include "app/mcp/http/claims.h"

namespace gateway::app::mcp {

// What browsers may do with them: nothing but show them and send the form to here.
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

// Asks for a credential; a page of which the browser loads nothing else, so that a link that is only looked at changes
// nothing.
std::string claim_page(bool was_wrong);
std::string key_page(const Claim& claim);
std::string gone_page();

}  // namespace gateway::app::mcp
