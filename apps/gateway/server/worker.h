// One thread of the server: its loop, its listeners, its connections to clients and to providers, its Gateway.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/server/connection_gate.h"
#include "app/server/listener.h"
#include "app/server/mount.h"
#include "app/server/session_context.h"
#include "gateway/curl_upstream.h"
#include "gateway/epoll_loop.h"
#include "gateway/gateway.h"
#include "gateway/secret.h"
#include "net/fd.h"
#include "net/tls_context.h"

namespace gateway::app {

struct ListeningSocket {
  net::UniqueFd fd;
  Entrance entrance;
};

// What may change while a worker runs.
struct WorkerSettings {
  std::shared_ptr<const SessionLimits> limits;
  std::shared_ptr<net::TlsContext> tls;  // null: plain
  std::shared_ptr<const Access> access;
};

// What all workers of a server share beside the core.
struct ServerShared {
  ConnectionGate clients;
  ConnectionGate operators;  // the administration's and the metrics' own addresses: clients cannot fill it
  SharedRoom session_memory;
  unsigned workers = 1;
  TokenGuard guard;
  std::vector<Mount> mounts;  // beside the gateway; set before the workers start
};

class Worker final : public SessionOwner, public ConnectionSink {
 public:
  struct Options {
    Core* core = nullptr;
    ServerShared* shared = nullptr;
    unsigned index = 0;
    std::uint64_t process = 0;
    WorkerSettings settings;
    LogCallback log;
  };
  // The core and what is shared outlive it.
  Worker(const Options& options, std::vector<ListeningSocket> sockets);
  ~Worker();  // stops and joins; what is still under way is broken off
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  // Any thread, as soon as the loop comes to it.
  void apply(WorkerSettings settings);
  void drain();      // no new connections; those there are end with what they have under way
  void abort_now();  // breaks off everything, and then ends the loop

  void on_closed(Http1Session& session) override;
  void on_connection(net::UniqueFd fd, const Entrance& entrance) override;

 private:
  // What is served at one kind of address.
  struct Opener final : ExchangeOpener {
    Opener(Worker& owner, Service served) : worker(owner), service(served) {}
    std::unique_ptr<Exchange> open(const RequestHead& head, Client& client) override {
      return worker.open(service, head, client);
    }
    bool allows_cors(const RequestHead& head) const override { return !worker.is_mounted(head); }
    Worker& worker;
    const Service service;
  };
  std::unique_ptr<Exchange> open(Service service, const RequestHead& head, Client& client);
  std::unique_ptr<Exchange> open_mounted(Service service, const RequestHead& head, Client& client);
  bool is_mounted(const RequestHead& head) const noexcept;
  bool serves_here(Service listener, Service service) const noexcept;
  bool may_read_metrics(Service service, const RequestHead& head);
  ConnectionGate& gate(Service service) noexcept {
    return service == Service::clients ? shared_.clients : shared_.operators;
  }
  void begin_drain();
  void turn_away(net::UniqueFd fd, const Entrance& entrance, const std::string& address);
  void tell_of_refused(ConnectionGate& where, const std::string& address);

  EpollLoop loop_;
  CurlUpstream upstream_;
  Core& core_;
  Gateway gateway_;
  ServerShared& shared_;
  Opener for_clients_{*this, Service::clients}, for_administrators_{*this, Service::administration},
      for_monitors_{*this, Service::metrics};
  SessionContext context_;
  std::shared_ptr<net::TlsContext> tls_;
  std::shared_ptr<const Access> access_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::thread thread_;
};

}  // namespace gateway::app
