// Which targets one request may go to, in order: the same for who dispatches and who explains.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "chat/request_facts.h"
#include "gateway/row.h"
#include "policy/routing/route_choice.h"
#include "proxy/snapshot.h"
#include "wire/openai/error_body.h"

namespace gateway {

// The models that may answer a request, by number: 0 is its own, those that it names beside follow from 1.
std::string_view model_at(const RequestFacts& facts, std::size_t number) noexcept;
// The number of the next one that has not come before; absent: there is none.
std::optional<std::size_t> model_after(const RequestFacts& facts, std::size_t number) noexcept;

// One request, as routing sees it.
struct RouteQuery {
  const Snapshot& snapshot;
  const RouteConfig& route;
  const ProjectConfig& project;
  std::string_view key, key_name;
  RouteFacts::NamedValues headers;  // those of Router::headers()
  Operation operation = Operation::chat;
  const RequestFacts& facts;
  std::string_view model;  // by which the route was found: the request's own, or one that may answer instead
  const PaddedBuffer& body;
  std::uint64_t turn = 0;
  WallTime at{};
  TimePoint now{};
};

RouteChoice plan_route(const RouteQuery& query);

// What a client hears if no target fits its request.
ApiError no_target_fits(const RouteConfig& route, const RouteChoice& choice);

}  // namespace gateway
