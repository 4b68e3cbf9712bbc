// One client request as all of its attempts see it.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

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

  const Surface* surface = nullptr;
  Operation operation = Operation::chat;
  RequestId id;
  FixedText<128> client_id;  // the client's own
  std::string_view project, key;
  FixedText<128> asked_model;
  PooledBuffer body;
  RequestFacts facts;
  std::unique_ptr<ChatRequest> chat;  // once a target needs it
  WallTime accepted{};                // the complete request was here
  TimePoint accepted_at{}, deadline{};
};

}  // namespace gateway
