// A request as it arrives, with the one version of the configuration that judges it from its head to its last byte.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/exchange.h"
#include "gateway/row.h"
#include "proxy/snapshot.h"
#include "surfaces/surface.h"

namespace gateway {

struct Incoming {
  const RequestHead& head;
  RequestId id;
  std::string_view client_id;
  std::shared_ptr<const Snapshot> snapshot;
  std::string model{};               // that the path names; empty: the body does
  std::string response{};            // that the path names, and
  std::string_view part{};           // what of it: see RequestTarget
  const Surface* surface = nullptr;  // of an inference
  Operation operation = Operation::chat;
  bool authenticated = false;
};

// The caller. Both belong to the request's snapshot, and live as long as that is held.
struct Caller {
  const Project* project = nullptr;  // null: nobody we know
  const ApiKey* key = nullptr;
};

}  // namespace gateway
