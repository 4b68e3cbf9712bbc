// What a request takes with its head, before any of its body: a place among those in flight, here and in its project.
#pragma once

#include <cstdint>
#include <optional>

#include "policy/limits/rate_limit.h"
#include "proxy/exchange_request.h"
#include "proxy/fair_share.h"
#include "proxy/incoming.h"
#include "proxy/snapshot.h"
#include "proxy/worker.h"
#include "wire/openai/error_body.h"

namespace gateway {

// Who asks for what, and what the head says to providers and to routes.
void read_head(ExchangeRequest& request, const Incoming& in, const Caller& caller);
// How much memory one request may take.
ProjectRoom::Bound room_bound(const Snapshot& snapshot) noexcept;
// A body as its head announces it; 0 bytes: not at all.
struct Announced {
  std::uint64_t bytes = 0;
  bool may_be_relayed = false;  // while it comes: then it may be larger, and needs little room
};
// The most that such a body may have.
std::int64_t max_body(const ServerConfig& server, bool may_be_relayed) noexcept;
// Takes the place; or nothing, and says why. What is announced must fit into `room`.
std::optional<ApiError> take_place(GatewayWorker& worker, const Snapshot& snapshot, const Project& project,
                                   const ProjectRoom& room, Announced announced);
// Returns it.
void return_place(GatewayWorker& worker, const Project& project) noexcept;

// What is recorded of every exchange, however it ends: who asked for what.
ExchangeRecord record_of(const ExchangeRequest& request);

// What a client hears of a limit.
ApiError rate_error(const RateLimits::Refusal& refusal, std::int64_t tokens);

}  // namespace gateway
