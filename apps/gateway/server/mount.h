// What a server serves beside its gateway: where, below which paths, and how a request there is opened.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/server/access.h"
#include "app/server/listener.h"
#include "app/server/token_guard.h"
#include "gateway/client.h"
#include "gateway/config.h"
#include "gateway/exchange.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/row.h"

namespace gateway::app {

// What an opener has of the worker that it is called on. The references outlive the exchange, but for `access`.
struct MountContext {
  Loop& loop;
  const LogCallback& log;
  TokenGuard& guard;
  // Reports a request that was turned away: the error code, and the client's address.
  const std::function<void(std::string_view, std::string_view)>& on_refused;
  const Access& access;
  RequestId id;
};

struct Mount {
  Service listener;    // at its own addresses, or, if it has none, at those of clients
  std::string prefix;  // of the paths: "/admin/v1/"
  // On a worker's thread; several may call it at once. Null: it is off, and the gateway answers.
  std::function<std::unique_ptr<Exchange>(const MountContext&, const RequestHead&, Client&)> open;
  bool is_one_path = false;  // `prefix` is all of it

  bool is_of(std::string_view path) const noexcept { return is_one_path ? path == prefix : path.starts_with(prefix); }
};

}  // namespace gateway::app
