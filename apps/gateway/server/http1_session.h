// One HTTP/1.1 connection of a client: requests are read one after the other, each answered by an Exchange, in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/server/give_way_list.h"
#include "app/server/outbox.h"
#include "app/server/session_context.h"
#include "app/server/transport.h"
#include "gateway/client.h"
#include "gateway/exchange.h"
#include "gateway/loop.h"
#include "http1/body_decoder.h"
#include "http1/request_parser.h"

namespace gateway::app {

class ConnectionGate;

// No further request is looked at before the answer to the last one is sent, and no two are answered in one turn of the
// loop. Meanwhile the client's bytes are read only up to a bound, and to notice that it left: its closing, also of its
// sending side alone, destroys the Exchange at once. All writing happens once a turn. What it keeps in memory counts
// in SessionContext::memory. Ends by notifying its owner, which then deletes it.
class Http1Session final : public Client,
                           public ResponseBody,
                           public Watcher,
                           public Loop::Deferred,
                           public GiveWayList::Link {
 public:
  Http1Session(SessionContext& context, Transport transport, SessionPeer peer = {});
  ~Http1Session();
  Http1Session(const Http1Session&) = delete;
  Http1Session& operator=(const Http1Session&) = delete;

  // What is under way is finished, then the connection is closed; at once if nothing is.
  void drain();
  // Breaks off what is under way and closes.
  void abort_now();
  // Ends as one that holds more than others: a client that has been sent nothing yet gets an answer that says so.
  void give_memory_back();
  // Whether it may have to end so that another can come: a stranger's, which has been answered or had its time to ask;
  // any other while it is idle.
  bool may_give_way() const noexcept;
  void give_way();
  std::int64_t memory() const noexcept { return memory_.bytes(); }
  // Something waits for the client, which has not taken any of it for a while.
  bool stands_still() const noexcept;

  void on_ready(bool readable, bool writable, bool hang_up) override;
  void run_deferred() override;

  ResponseBody& send_head(const ResponseHead& head) override;
  Flow send_body(std::string_view bytes) override;
  void finish() override;
  void abort() override;
  void resume_body() override;

  // SessionList's.
  Http1Session* previous_session = nullptr;
  Http1Session* next_session = nullptr;
  // The owner's.
  std::string counted_as;
  ConnectionGate* counted_by = nullptr;

 private:
  enum class Phase : std::uint8_t {
    waiting,    // for a request's first byte
    head,       // some of a head is there
    body,       // the exchange is open, its body under way
    answering,  // the request is complete, its answer is not
    flushing,   // nothing more is read or answered; what waits is sent, then the connection ends
    lingering,  // all is sent and our side ended; what the client still sends is dropped
    closed,
  };
  enum class Answer : std::uint8_t { none, under_way, finished, aborted };

  // One request and its answer.
  struct Turn {
    Answer answer = Answer::none;
    http1::Framing framing = http1::Framing::none;
    bool body_complete = false;
    bool short_body = true;  // what is still unread of it may be read and dropped
    bool keep_alive = true;
    bool http_1_0 = false;
    bool to_head = false;
    std::unique_ptr<http1::BodyDecoder> decoder;  // null: the body comes as it is
    std::string origin;                           // for access-control-allow-origin; empty: no CORS
    TimePoint body_since{};
    TimePoint body_at{};  // when the last of it came
    std::uint64_t body_bytes = 0;
    bool body_held = false;  // the exchange wants no more of it for now
    bool decodes = false;    // and there is more in `undecoded`, or in the decoder
    std::string undecoded;
    TimePoint held_since{};
  };

  void read_input(bool hang_up);
  void received(std::string_view bytes);
  void advance(std::string_view& input);
  void keep(std::string_view rest);
  void begin_turn();
  bool answered_here(const RequestHead& head);
  void take_body(std::string_view bytes);
  void decode_body(std::string_view bytes);
  void pass_on(std::string_view bytes);
  void drop_held_body();
  bool body_waits() const noexcept { return turn_.body_held || turn_.decodes; }
  void end_of_request();
  void settle_turn();
  void refuse(const http1::Refusal& refusal);
  void answer_error(const http1::Refusal& refusal);
  void peer_ended(bool broken);
  void flush();
  void end_connection();
  void close(bool by_reset = false);
  void take_up_pending();
  void take_up_input();

  void enter(Phase phase);
  bool answer_pending() const noexcept { return turn_.answer == Answer::none || turn_.answer == Answer::under_way; }
  bool ready_for_requests() const noexcept;
  std::size_t room_for_input() const noexcept;
  bool memory_is_short() const noexcept;
  void count_memory() noexcept;
  void set_memory(std::int64_t bytes) noexcept;
  void leave() noexcept;
  TimePoint body_due() const noexcept;
  void await_input(std::chrono::milliseconds limit);
  std::chrono::milliseconds keep_alive() const noexcept;
  void await_reader();
  std::chrono::milliseconds patience() const noexcept;
  void resume_exchange();
  void schedule() { context_.loop.defer(*this); }

  void on_input_late();
  void on_output_late();

  SessionContext& context_;
  std::shared_ptr<const SessionLimits> limits_;
  Transport transport_;
  const SessionPeer peer_;
  http1::RequestParser parser_;
  Outbox outbox_;
  PaddedBuffer pending_;  // read, and not looked at yet
  std::unique_ptr<Exchange> exchange_;
  Turn turn_;
  Phase phase_ = Phase::waiting;
  bool authenticated_ = false;  // a request on it was
  bool refused_ = false;        // the last one was not: 401
  bool asked_ = false;          // there has been one
  const TimePoint begun_;
  TimePoint idle_since_{};   // while it waits for a further request
  bool paused_ = false;      // the exchange was asked to pause
  bool slow_ = false;        // the client takes what waits for it, but slowly
  bool input_held_ = false;  // the socket may have more to read, which no event will report
  bool peer_ended_ = false;
  std::size_t dropped_ = 0;
  SharedRoom::Share memory_;
  TimePoint taken_at_{};   // when the client was last seen to take something, while something waits for it
  TimePoint paused_at_{};  // likewise reported to the exchange
  std::optional<std::size_t> in_kernel_;  // what the system had still to deliver then, once that has settled
  MemberAlarm<Http1Session, &Http1Session::on_input_late> input_alarm_{*this};
  MemberAlarm<Http1Session, &Http1Session::on_output_late> output_alarm_{*this};
  MemberAlarm<Http1Session, &Http1Session::take_up_input> resume_alarm_{*this};
};

}  // namespace gateway::app
