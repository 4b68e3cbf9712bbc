// One listening socket of one worker.
#pragma once

#include <cstdint>

#include "app/server/connection_gate.h"
#include "gateway/loop.h"
#include "net/fd.h"

namespace gateway::app {

// What is served at an address.
enum class Service : std::uint8_t { clients, administration, metrics };

// Where a connection came in.
struct Entrance {
  Service service = Service::clients;
  bool local = false;  // a unix socket: without TLS
};

class ConnectionSink {
 public:
  virtual void on_connection(net::UniqueFd fd, const Entrance& entrance) = 0;

 protected:
  ~ConnectionSink() = default;
};

// Accepts until nobody waits. Pauses while descriptors are short: who waits then stays in the system's queue.
class Listener final : public Watcher {
 public:
  Listener(Loop& loop, net::UniqueFd fd, const Entrance& entrance, const ConnectionGate& gate, ConnectionSink& sink);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void on_ready(bool readable, bool writable, bool hang_up) override;

 private:
  void accept();

  Loop& loop_;
  net::UniqueFd fd_;
  const Entrance entrance_;
  const ConnectionGate& gate_;
  ConnectionSink& sink_;
  MemberAlarm<Listener, &Listener::accept> again_{*this};
};

}  // namespace gateway::app
