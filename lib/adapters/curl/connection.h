// An HTTP/1.1 client on one connection: one exchange after the other.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/curl/wire.h"
#include "gateway/loop.h"
#include "gateway/result.h"
#include "gateway/upstream.h"
#include "http1/response_parser.h"

namespace gateway::curl {

// Hears the answer to one request; on_done once and last. The connection may be closed inside any of them, and retired.
class AnswerSink {
 public:
  virtual Flow on_head(int status, HeaderSpan fields) = 0;
  virtual Flow on_body(std::string_view bytes) = 0;
  // Before anything else after resume(): to hand out what was held back.
  virtual Flow on_resumed() = 0;
  virtual void on_room() = 0;  // see UpstreamReply
  virtual void on_done(Result<void> result) = 0;

 protected:
  ~AnswerSink() = default;
};

class Connection;

// Hears that an idle connection is of no more use.
class IdleSink {
 public:
  virtual void on_idle_end(Connection& connection) = 0;

 protected:
  ~IdleSink() = default;
};

// To be freed by retire() alone: it may be on the stack of whoever frees it.
class Connection final : private Watcher, private http1::ResponseSink, private Loop::Deferred {
 public:
  // `room` is where all connections of the loop read into. Every argument outlives the connection.
  Connection(Loop& loop, Wire wire, IdleSink& idle, std::span<char> room, const http1::ResponseLimits& limits);
  ~Connection();

  // What of a request's body comes after begin(), by send_body(), and how its end is marked.
  enum class Rest : unsigned char { none, sized, chunked };

  // Sends a request. False: nothing of it was taken and nothing will be heard; the connection is of no use. The sink
  // hears nothing during the call. The head is needed during the call, the body's bytes until on_done or close().
  // Of a body in chunks the head has what comes before the first.
  bool begin(AnswerSink& sink, std::string_view head, std::span<const std::string_view> body, bool to_head,
             Rest rest = Rest::none);
  // See Call.
  std::size_t send_body(std::string_view bytes);
  void end_body();
  // After Flow::pause: reads on at the end of this turn.
  void resume();
  // Whether bytes of the request are still to be sent.
  bool sending() const noexcept { return !send_failed_ && next_ < unsent_.size(); }
  // At once. Nothing is heard after that.
  void close();

  // Idle: open, with nothing to read.
  bool quiet() { return open() && wire_.quiet(); }
  // All of the request was handed to the wire.
  bool request_done() const noexcept { return next_ == unsent_.size() && rest_ == Rest::none; }
  // After on_done: another request may be sent.
  bool reusable() const noexcept { return reusable_; }

  TimePoint idle_since{};  // the pool's

 private:
  enum class Next : unsigned char { read, stop };

  bool open() const noexcept { return wire_.fd() >= 0; }
  void on_ready(bool readable, bool writable, bool hang_up) override;
  bool is_idle() const noexcept override { return sink_ == nullptr; }
  Flow on_head(int status, HeaderSpan fields) override;
  Flow on_body(std::string_view bytes) override;
  void on_complete(bool keep_alive) override;
  void run_deferred() override;
  void on_turn();

  bool push();
  bool can_send() const noexcept { return sink_ != nullptr && !send_failed_ && next_ == unsent_.size(); }
  bool write_body(std::string_view bytes, std::size_t& taken);
  void offer_room();
  void pump();
  Next digest(std::string_view bytes);
  void on_read_end(const net::IoResult& end);
  Flow flow_of(Flow wish);
  void finish(Result<void> result);

  Loop& loop_;
  IdleSink& idle_;
  const std::span<char> room_;
  Wire wire_;
  http1::ResponseParser parser_;
  AnswerSink* sink_ = nullptr;  // while an exchange is under way

  std::vector<iovec> unsent_;  // from next_ on
  std::size_t next_ = 0;
  std::string head_;  // what is unsent of the head
  std::string held_;  // read, but held back by a pause

  Rest rest_ = Rest::none;
  bool awaits_room_ = false;    // has not been offered any since it took less than it was given
  std::string chunk_head_;      // what is unsent of it
  std::size_t chunk_left_ = 0;  // of the chunk that has begun
  bool follows_chunk_ = false;  // whose line end is to come yet

  bool send_failed_ = false;  // what the server said before it hung up may still be read
  bool paused_ = false;
  bool resumed_ = false;  // since the sink was called
  bool drained_ = false;  // what comes now raises an event
  bool hung_up_ = false;
  bool keep_alive_ = false;
  bool reusable_ = false;
  MemberAlarm<Connection, &Connection::on_turn> turn_{*this};  // reading goes on in another turn
};

// Closes it now and frees it at the end of the turn.
void retire(Loop& loop, std::unique_ptr<Connection> connection);

}  // namespace gateway::curl
