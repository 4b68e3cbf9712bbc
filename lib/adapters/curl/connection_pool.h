// Idle connections to one origin, kept for the next request.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "adapters/curl/connection.h"
#include "gateway/upstream.h"

namespace gateway::curl {

// Last in, first out, so that those not needed grow old at the other end.
class ConnectionPool final : public IdleSink {
 public:
  ConnectionPool(Loop& loop, Origin origin, std::size_t most, Duration keep)
      : loop_(loop), origin_(std::move(origin)), most_(most), keep_(keep) {}
  ~ConnectionPool() { clear(); }
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  const Origin& origin() const noexcept { return origin_; }
  // One that is open and quiet, or null. Called by deferred work, it asks the kernel once for all of a turn.
  std::unique_ptr<Connection> take();
  void give(std::unique_ptr<Connection> connection);
  void clear();
  std::size_t size() const noexcept { return idle_.size(); }

 private:
  void on_idle_end(Connection& connection) override;
  void on_expiry();

  Loop& loop_;
  const Origin origin_;
  const std::size_t most_;
  const Duration keep_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the one idle longest first
  MemberAlarm<ConnectionPool, &ConnectionPool::on_expiry> expiry_{*this};
};

}  // namespace gateway::curl
