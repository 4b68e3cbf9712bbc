// One request on its way: takes or makes a connection at the end of the turn, and passes the answer on, decoded.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/curl/connection.h"
#include "adapters/curl/connection_pool.h"
#include "adapters/curl/connector.h"
#include "adapters/curl/inflater.h"
#include "adapters/curl/send_queue.h"
#include "gateway/upstream.h"

namespace gateway::curl {

// What the calls of one loop share.
struct Shared {
  Loop& loop;
  Connector connector;
  http1::ResponseLimits limits;
  std::size_t max_decoded;
  SendQueue outgoing;
  std::unique_ptr<char[]> read_room;    // what comes is read into it, whosever it is
  std::unique_ptr<char[]> decode_room;  // and decoded into it; made when needed
  static constexpr std::size_t kRoom = 64 * 1024;
};

class CurlCall final : public Call, private Sender, private ConnectSink, private AnswerSink {
 public:
  CurlCall(Shared& shared, ConnectionPool& pool, UpstreamReply& reply) : shared_(shared), pool_(pool), reply_(&reply) {}
  ~CurlCall() override;

  // Once, before anything else.
  void start(const UpstreamRequest& request);
  void resume() override;
  std::size_t send_body(std::string_view bytes) override;
  void end_body() override;
  bool sent() const noexcept override { return state_ == State::sent; }
  bool holds_body() const noexcept override {
    return state_ != State::sent || (connection_ != nullptr && connection_->sending());
  }

  // Whoever hears from now on.
  void redirect(UpstreamReply& reply) noexcept { reply_ = &reply; }
  // All of the request has left: its body's bytes are not needed any more.
  bool request_done() const noexcept { return connection_ && connection_->request_done(); }

 private:
  enum class State : std::uint8_t { queued, connecting, sent };

  // A request that waits for its connection.
  struct Waiting {
    Outgoing outgoing;
    std::unique_ptr<Connecting> connecting;
  };

  void send(const Outgoing& outgoing) override;
  void on_connected(Result<Wire> wire) override;
  Flow on_head(int status, HeaderSpan fields) override;
  Flow on_body(std::string_view bytes) override;
  Flow on_resumed() override;
  void on_room() override { reply_->on_room(); }
  void on_done(Result<void> result) override;

  bool send_on(std::unique_ptr<Connection> connection, const Outgoing& outgoing);
  Flow on_compressed_head(int status, HeaderSpan fields, Coding coding);
  Flow decode(std::string_view bytes);
  void fail(Error error);
  void fail_later(Error error);
  void on_late_failure();

  Shared& shared_;
  ConnectionPool& pool_;
  UpstreamReply* reply_;
  State state_ = State::connecting;
  bool to_head_ = false;
  Connection::Rest rest_ = Connection::Rest::none;
  std::chrono::milliseconds connect_timeout_{};
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Waiting> waiting_;
  std::shared_ptr<Inflater> inflater_;  // shared with the stack while it runs
  std::unique_ptr<Error> late_;
  MemberAlarm<CurlCall, &CurlCall::on_late_failure> failing_{*this};
};

}  // namespace gateway::curl
