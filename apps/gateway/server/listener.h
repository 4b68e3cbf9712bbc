// One listening socket of one worker.
#pragma once

#include "gateway/loop.h"
#include "gateway/server/connection_gate.h"
#include "net/fd.h"

namespace gateway::app {

class ConnectionSink {
 public:
  // `local`: over a unix socket.
  virtual void on_connection(net::UniqueFd fd, bool local) = 0;

 protected:
  ~ConnectionSink() = default;
};

// Accepts until nobody waits. Pauses while descriptors are short: who waits then stays in the system's queue.
class Listener final : public Watcher {
 public:
  Listener(Loop& loop, net::UniqueFd fd, bool local, const ConnectionGate& gate, ConnectionSink& sink);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void on_ready(bool readable, bool writable, bool hang_up) override;

 private:
  void accept();

  Loop& loop_;
  net::UniqueFd fd_;
  const bool local_;
  const ConnectionGate& gate_;
  ConnectionSink& sink_;
  MemberAlarm<Listener, &Listener::accept> again_{*this};
};

}  // namespace gateway::app
