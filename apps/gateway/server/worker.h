// One thread of the server: its loop, its listeners, its connections to clients and to providers, its Gateway.
#pragma once

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "gateway/curl_upstream.h"
#include "gateway/epoll_loop.h"
#include "gateway/gateway.h"
#include "gateway/secret.h"
#include "gateway/server/admin_thread.h"
#include "gateway/server/connection_gate.h"
#include "gateway/server/listener.h"
#include "gateway/server/session_context.h"
#include "net/fd.h"
#include "net/tls_context.h"

namespace gateway::app {

struct ListeningSocket {
  net::UniqueFd fd;
  bool local = false;  // a unix socket: without TLS
};

// What may change while a worker runs.
struct WorkerSettings {
  std::shared_ptr<const SessionLimits> limits;
  std::shared_ptr<net::TlsContext> tls;       // null: plain
  std::shared_ptr<const Secret> admin_token;  // null: the administration is off
};

class Worker final : public ExchangeOpener, public SessionOwner, public ConnectionSink {
 public:
  struct Options {
    Core* core = nullptr;
    ConnectionGate* gate = nullptr;
    AdminThread* admin = nullptr;  // null: the administration is off
    unsigned index = 0;
    std::uint64_t process = 0;
    WorkerSettings settings;
    LogCallback log;
  };
  // The core and the gate outlive it; the administration's thread too, and is stopped before.
  Worker(const Options& options, std::vector<ListeningSocket> sockets);
  ~Worker();  // stops and joins; what is still under way is broken off
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  // Any thread, as soon as the loop comes to it.
  void apply(WorkerSettings settings);
  void drain();  // no new connections; those there are end with what they have under way
  void cut();    // breaks off everything, and then ends the loop

  std::unique_ptr<Exchange> open(const RequestHead& head, Client& client) override;
  void on_closed(Http1Session& session) override;
  void on_connection(net::UniqueFd fd, bool local) override;

 private:
  void begin_drain();
  template <class Each>
  void for_each_session(Each each);
  void turn_away(net::UniqueFd fd, bool local);

  EpollLoop loop_;
  CurlUpstream upstream_;
  Gateway gateway_;
  ConnectionGate& gate_;
  AdminThread* const admin_;
  SessionContext context_;
  std::shared_ptr<net::TlsContext> tls_;
  std::shared_ptr<const Secret> admin_token_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  Http1Session* sessions_ = nullptr;  // a list through them
  std::thread thread_;
};

}  // namespace gateway::app
