// One client request as all of its attempts see it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "chat/request.h"
#include "chat/request_facts.h"
#include "gateway/row.h"
#include "gateway/time.h"
#include "surfaces/surface.h"

namespace gateway {

// Outlives the attempts. The names belong to the request's snapshot.
struct ExchangeRequest {
  explicit ExchangeRequest(BufferPool& buffers) : body(buffers) {}

  // Whether the body is written anew for a provider of that shape.
  bool is_translated_for(Shape shape) const noexcept { return facts.is_mixed || shape != surface->request_shape(); }

  const Surface* surface = nullptr;
  Operation operation = Operation::chat;
  RequestId id;
  std::string client_id;  // the client's own
  std::string_view project, key, key_name;
  FixedText<128> asked_model;
  // What its head says to providers of its own shape: Anthropic's version and betas.
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<std::pair<std::string, std::string>> route_fields;  // what it says to routes
  std::string content_type;                                       // of a body that is a form
  PooledBuffer body;                                              // or its beginning, if it goes out while it comes:
  bool body_goes_on = false;                                      // see UpstreamRequest
  std::optional<std::uint64_t> rest_length;
  RequestFacts facts;
  std::unique_ptr<ChatRequest> chat;  // once a target needs it
  std::map<std::string, std::string, std::less<>>
      long_tools;       // names of its tools, by short_tool_name() if that differs
  WallTime accepted{};  // the complete request was here, or what it was to be judged by
  TimePoint accepted_at{}, deadline{};
};

}  // namespace gateway
