#include "proxy/entrance.h"

#include <algorithm>
#include <utility>

#include "gateway/headers.h"
#include "proxy/upload.h"

namespace gateway {
namespace {

// Of fields of one name, as one list (RFC 9110, 5.3); what only repeats the first once.
std::string combined_value(HeaderSpan fields, std::string_view name) {
  std::string out;
  std::string_view first;
  for (const HeaderField& field : fields) {
    if (!equal_ignoring_case(field.name, name) || field.value.empty() || field.value == first) continue;
    if (first.empty()) first = field.value;
    out.append(out.empty() ? "" : ", ").append(field.value);
  }
  return out;
}

}  // namespace

void read_head(ExchangeRequest& request, const Incoming& in, const Caller& caller) {
  request.surface = in.surface;
  request.operation = in.operation;
  request.id = in.id;
  request.client_id = in.client_id;
  request.project = caller.project->config.name;
  request.key = caller.key->id;
  request.key_name = caller.key->name;
  for (const std::string_view name : in.surface->fields_for_providers()) {
    std::string value = combined_value(in.head.headers, name);
    if (!value.empty()) request.fields.emplace_back(name, std::move(value));
  }
  for (const std::string& name : in.snapshot->router.headers()) {
    const std::string_view value = header_value(in.head.headers, name);
    if (!value.empty()) request.route_fields.emplace_back(name, value);
  }
}

ProjectRoom::Bound room_bound(const Snapshot& snapshot) noexcept {
  const ServerConfig& server = snapshot.config.server;
  return {.all = server.max_buffered, .least = server.max_body, .only_one = snapshot.projects.size() == 1};
}

std::int64_t max_body(const ServerConfig& server, bool may_be_relayed) noexcept {
  return may_be_relayed ? std::max(server.max_body, server.max_upload) : server.max_body;
}

// A place is taken with the head: a project must not fill the gateway with requests that it never finishes. Memory is
// taken only as the body comes, for the same reason; but what could not come in now is refused before it is sent.
std::optional<ApiError> take_place(GatewayWorker& worker, const Snapshot& snapshot, const Project& project,
                                   const ProjectRoom& room, Announced announced) {
  const ServerConfig& server = snapshot.config.server;
  const std::int64_t most = max_body(server, announced.may_be_relayed);
  if (announced.bytes > static_cast<std::uint64_t>(most)) return api_error::body_too_large(most);
  const auto kept = static_cast<std::int64_t>(announced.bytes);
  const std::int64_t needed = announced.may_be_relayed ? std::min(kept, Upload::kFrom) : kept;
  if (worker.core.draining()) return api_error::unavailable("the gateway is shutting down");
  if (!worker.core.ledger_writable()) return api_error::unavailable("the ledger cannot be written");
  RateLimits& limits = project.state->limits;
  const std::int64_t in_flight = worker.core.in_flight.load(std::memory_order_relaxed);
  const bool has_place =
      within_share(limits.concurrent() + 1, in_flight + 1, server.max_in_flight, 1, snapshot.projects.size() == 1);
  if (!has_place || !room.fits(needed, room_bound(snapshot))) {
    return api_error::overloaded();
  }
  const RateLimits::Refusal refusal = limits.enter(project.config.limits);
  if (refusal.verdict != RateLimits::Verdict::admitted) return rate_error(refusal, 0);
  worker.core.in_flight.fetch_add(1, std::memory_order_relaxed);
  return std::nullopt;
}

void return_place(GatewayWorker& worker, const Project& project) noexcept {
  project.state->limits.leave();
  worker.core.in_flight.fetch_sub(1, std::memory_order_relaxed);
}

ExchangeRecord record_of(const ExchangeRequest& request) {
  ExchangeRecord record;
  record.request = request.id;
  record.client_request_id = request.client_id;
  record.project = request.project;
  record.key = request.key;
  record.asked_model = request.asked_model;
  return record;
}

ApiError rate_error(const RateLimits::Refusal& refusal, std::int64_t tokens) {
  using Verdict = RateLimits::Verdict;
  switch (refusal.verdict) {
    case Verdict::exceeds_burst:
      return api_error::tokens_exceed_limit(tokens, refusal.limit);
    case Verdict::tokens:
      return api_error::rate_limited("tokens", refusal.limit, refusal.wait);
    case Verdict::concurrency:
      return api_error::rate_limited("concurrency", refusal.limit, refusal.wait);
    default:
      return api_error::rate_limited("requests", refusal.limit, refusal.wait);
  }
}

}  // namespace gateway
