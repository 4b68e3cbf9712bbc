// The gateway's tools. Each asks one or two operations; their order is fixed, so that prompts can be cached.
#pragma once

#include <vector>

#include "app/mcp/desk.h"
#include "app/mcp/protocol.h"

namespace gateway::app::mcp {

const ServerFacts& gateway_facts();
// Those that the caller may use. The desk outlives them.
std::vector<Tool> tools_for(const Desk& desk);

// The parts of the list.
Tool get_account(const Desk& desk);
Tool get_usage(const Desk& desk);
Tool get_budget(const Desk& desk);
Tool list_requests(const Desk& desk);
Tool get_request(const Desk& desk);
Tool explain_refusal(const Desk& desk);
Tool list_models(const Desk& desk);
Tool estimate_cost(const Desk& desk);
Tool explain_route(const Desk& desk);
Tool get_provider_health(const Desk& desk);
Tool get_reconciliation(const Desk& desk);
Tool list_projects(const Desk& desk);
Tool list_keys(const Desk& desk);
Tool create_key(const Desk& desk);
Tool rotate_key(const Desk& desk);
Tool revoke_key(const Desk& desk);

// Arguments that several have.
inline constexpr Input kProject{"project", Type::text, "A project's name; default: the key's own, or all"};
inline constexpr Input kSince{"since", Type::text, "RFC 3339, a day, or so long ago: 24h, 7d. Default 24h"};
inline constexpr Input kUntil{"until", Type::text, "Likewise; default now"};
inline constexpr Input kLimit{"limit", Type::whole, "Default 20", false, {}, 1, 200};
inline constexpr Input kCursor{"cursor", Type::text, "next_cursor of the answer before"};
// And members of answers.
inline constexpr Output kTruncated{"truncated", "boolean"};
inline constexpr Output kNextCursor{"next_cursor", "string", true};
inline constexpr Output kAsCommand{"as_command", "string"};

// What an account and a refusal show of a project at this moment: limits, remaining, spend.
Result<void> add_state_now(json::Object& object, const Desk& desk, const Opened& opened, const std::string& project);

}  // namespace gateway::app::mcp
