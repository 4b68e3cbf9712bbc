// What the sessions of one worker share. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/server/give_way_list.h"
#include "app/server/memory_watch.h"
#include "app/server/session_list.h"
#include "base/buffer.h"
#include "base/request_id_source.h"
#include "base/shared_room.h"
#include "gateway/client.h"
#include "gateway/config.h"
#include "gateway/exchange.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "http1/request_parser.h"
#include "http1/response_writer.h"

namespace gateway::app {

class Http1Session;

// Where a session's requests go: the gateway, or a script in tests.
class ExchangeOpener {
 public:
  // As Gateway::open.
  virtual std::unique_ptr<Exchange> open(const RequestHead& head, Client& client) = 0;
  // False: no page of another origin may read what is answered there, whatever the configuration allows.
  virtual bool allows_cors(const RequestHead&) const { return true; }

 protected:
  ~ExchangeOpener() = default;
};

// Who a session is with, and what it is served.
struct SessionPeer {
  std::string address;               // for the log
  bool on_this_machine = true;       // so that it may read /metrics, unless the opener judges otherwise
  ExchangeOpener* opener = nullptr;  // null: the context's
};

class SessionOwner {
 public:
  // The session's connection is closed; it is not on the stack's way any more once the loop frees what was deferred.
  virtual void on_closed(Http1Session& session) = 0;

 protected:
  ~SessionOwner() = default;
};

struct SessionLimits {
  http1::RequestLimits request;
  std::chrono::milliseconds head{10'000};        // from a head's first byte to its last
  std::chrono::milliseconds body{60'000};        // from the head's end to the body's
  std::chrono::milliseconds keep_alive{75'000};  // between requests
  std::chrono::milliseconds stall{30'000};       // while the client takes nothing of what waits for it: at least
  std::uint64_t min_body_rate = 0;               // bytes a second, once a body has had ten; 0: none
  std::int64_t memory = INT64_MAX;               // bytes that all sessions hold together; past it, some are closed
  std::vector<std::string> cors_origins;
};
SessionLimits limits_of(const Config& config);

struct SessionContext {
  static constexpr std::size_t kReadSize = 64 * 1024;

  // `all_memory` is that of the sessions of all workers; null: of these alone.
  SessionContext(Loop& event_loop, ExchangeOpener& where, SessionOwner& keeper, RequestIdSource id_source,
                 SharedRoom* all_memory = nullptr)
      : loop(event_loop),
        opener(where),
        owner(keeper),
        ids(id_source),
        memory(all_memory != nullptr ? *all_memory : own_memory),
        scratch(new char[kReadSize]) {}

  Loop& loop;
  ExchangeOpener& opener;
  SessionOwner& owner;
  RequestIdSource ids;  // for answers that no exchange writes
  LogCallback log;      // may be empty
  // Hears of each refusal that no exchange made: its error code, and the client's address. May be empty.
  std::function<void(std::string_view, std::string_view)> on_refused;
  std::shared_ptr<const SessionLimits> limits = std::make_shared<SessionLimits>();
  bool draining = false;  // connections are not kept for further requests
  BufferPool buffers;
  SharedRoom own_memory;
  SharedRoom& memory;  // what sessions hold of requests that are not looked at yet, and of answers not sent yet
  SessionList sessions;
  GiveWayList strangers;  // nobody has shown there who it is
  GiveWayList known;
  MemoryWatch memory_watch{loop, sessions, memory, limits};
  http1::DateText date;
  std::unique_ptr<char[]> scratch;  // what was just read, until it is dealt with
};

}  // namespace gateway::app
