#include "chat/endpoint.h"

#include <algorithm>
#include <array>

#include "gateway/result.h"

namespace gateway {
namespace {

using Info = EndpointInfo;

// In the order of the operations' numbers.
constexpr std::array<EndpointInfo, 2> kEndpoints{{
    {Operation::chat, "/chat/completions", "/v1/chat/completions", Info::Body::json, "messages", Info::Meter::tokens,
     true, true, Info::Usable::choices},
    {Operation::embeddings, "/embeddings", "/v1/embeddings", Info::Body::json, "input", Info::Meter::tokens, false,
     false, Info::Usable::data},
}};

}  // namespace

std::span<const EndpointInfo> endpoints() noexcept { return kEndpoints; }

bool is_served(Operation operation) noexcept { return static_cast<std::size_t>(operation) < kEndpoints.size(); }

const EndpointInfo& info_of(Operation operation) noexcept {
  if (!is_served(operation)) detail::die("an operation that is not served");
  return kEndpoints[static_cast<std::size_t>(operation)];
}

const EndpointInfo* endpoint_at(std::string_view path) noexcept {
  const auto found = std::find_if(kEndpoints.begin(), kEndpoints.end(),
                                  [path](const EndpointInfo& each) { return each.path == path; });
  return found == kEndpoints.end() ? nullptr : &*found;
}

}  // namespace gateway
