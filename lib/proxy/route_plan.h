// Which targets one request may go to, in order: the same for who dispatches and who explains.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "chat/request_facts.h"
#include "gateway/row.h"
#include "policy/routing/route_choice.h"
#include "proxy/snapshot.h"
#include "wire/openai/error_body.h"

namespace gateway {

// One request, as routing sees it.
struct RouteQuery {
  const Snapshot& snapshot;
  const RouteConfig& route;
  const ProjectConfig& project;
  std::string_view key, key_name;
  RouteFacts::NamedValues headers;  // those of Router::headers()
  Operation operation = Operation::chat;
  const RequestFacts& facts;
  const PaddedBuffer& body;
  std::uint64_t turn = 0;
  WallTime at{};
  TimePoint now{};
};

RouteChoice plan_route(const RouteQuery& query);

// What a client hears if no target fits its request.
ApiError no_target_fits(const RouteConfig& route, const RouteChoice& choice);

}  // namespace gateway
