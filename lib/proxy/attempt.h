// One dispatch of an exchange to one target: its row, its hold, its time limits, and what comes back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "gateway/config.h"
#include "gateway/row.h"
#include "gateway/timer.h"
#include "gateway/upstream.h"
#include "policy/limits/spend.h"
#include "policy/pricing/hold.h"
#include "policy/pricing/settlement.h"
#include "policy/routing/retry.h"
#include "policy/routing/target_pace.h"
#include "providers/dialect.h"
#include "proxy/exchange_request.h"
#include "proxy/health_ref.h"
#include "proxy/worker.h"
#include "wire/openai/error_body.h"

namespace gateway {

// A client that takes nothing is not given up before, however short `timeouts.idle` is. Systems report what a client
// reads in steps of up to 128 KiB: one that reads 5 KiB a second is silent for so long.
inline constexpr auto kSlowReader = std::chrono::seconds(30);

class Attempt;

// What attempts report to their exchange, each naming itself. An attempt's ending event comes once and last; the
// attempt may be destroyed in it.
class AttemptEvents {
 public:
  // Bytes for the client: whole events of a stream, or a piece of a document.
  virtual Flow on_stream(Attempt& attempt, std::string_view bytes) = 0;
  // So much of an answer is kept by now. Flow::pause: there is no room for it, and no more is to come until
  // Attempt::go_on_gathering().
  virtual Flow on_gathered(Attempt& attempt, std::size_t bytes) = 0;
  // More of a body that goes on can be sent.
  virtual void on_room(Attempt& attempt) = 0;

  // The ends. The row is settled by then.
  virtual void on_complete(Attempt& attempt) = 0;  // the answer is, but for what ends it on the wire
  // Nothing has gone to the client.
  virtual void on_failed(Attempt& attempt, const AttemptFailure& failure, ApiError error) = 0;
  virtual void on_broken(Attempt& attempt, ApiError error) = 0;  // something has
  // The client has not read for longer than it may.
  virtual void on_client_stuck(Attempt& attempt) = 0;

  // Nothing has gone to the client for long: it is to hear that the answer is still awaited. The attempt may be
  // destroyed in it.
  virtual void on_silence(Attempt& attempt) = 0;

 protected:
  ~AttemptEvents() = default;
};

struct AttemptPlan {
  const Provider* provider = nullptr;
  const TargetConfig* target = nullptr;
  TargetPace* pace = nullptr;  // the target's
  std::string_view target_model;
  PriceInForce prices;
  HoldPlan holding;
  const Timeouts* timeouts = nullptr;
  HealthRef health;
  TargetHealth::Pass pass;                     // the circuit breaker's permit for this attempt
  bool capped = false;                         // the project has a spend cap
  bool names_models = false;                   // see TargetPlan
  bool staged = false;                         // by a configuration that is staged
  bool translated = false;                     // the provider gets the body written anew
  std::int64_t max_event = 0, max_answer = 0;  // see ServerConfig
};

class Attempt final : private UpstreamReply, private AnswerSink {
 public:
  // All references outlive the attempt.
  Attempt(GatewayWorker& worker, AttemptEvents& events, const ExchangeRequest& request, const AttemptPlan& plan);
  ~Attempt() { abandon(); }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // Writes the request for the provider into the worker's `outgoing`. Error: unsupported; there is nothing to start.
  Result<void> write();
  // Right after write(): writes the row's opening into the journal, in which room is reserved, then dispatches.
  void start(SpendHold hold, std::uint16_t number, std::uint32_t more_flags = 0);

  void resume();                   // the client reads again
  void reader_goes_on() noexcept;  // it has taken something, though not all that waits for it
  void go_on_gathering();          // there is room for the answer
  void fail_for_room();            // there will be none

  // Of a body that goes on, after on_room(): see Call.
  std::size_t send_body(std::string_view bytes);
  void end_body();
  // The rest of it is not what its beginning was admitted for. False: the attempt had ended before. Nothing is heard
  // after.
  bool cut(std::string_view error_code);
  // Tells the client that the answer is awaited.
  void keep_alive();

  // The client has left: what was used is billed. Nothing is heard after.
  void abandon();
  // Another attempt's answer was taken: likewise.
  void lose();

  const Row& row() const noexcept { return row_; }
  // What the provider was not told of the request; empty: all of it was.
  std::string_view dropped() const noexcept { return texts_.dropped; }
  const AttemptPlan& plan() const noexcept { return plan_; }
  TimePoint dispatched_at() const noexcept { return dispatched_; }
  bool has_begun() const noexcept { return has_begun_; }             // the first event or body byte has come
  bool is_answering() const noexcept { return row_.status == 200; }  // its provider has said so
  std::size_t gathered() const noexcept { return counted_; }         // see AttemptEvents::on_gathered
  // From dispatch to the head of the answer; zero: none came.
  TimePoint first_byte_at() const noexcept { return first_byte_at_; }
  // Whether the request's body is still needed for sending it.
  bool holds_body() const noexcept { return call_ != nullptr && call_->holds_body(); }
  // The answer, if it goes out as one JSON document in one piece; null: it does not.
  PaddedBuffer* document() noexcept;
  // A document that goes out as it comes, its length unknown; and its end, which waits until the row is stored.
  bool relays_document() const noexcept { return answer_.get() != nullptr && answer_->relays_document(); }
  std::string_view document_end() const noexcept { return answer_->document_end(); }
  // Of what is relayed, if it is neither JSON nor events.
  std::string_view content_type() const noexcept {
    return answer_.get() != nullptr ? answer_->content_type() : std::string_view();
  }
  std::uint64_t settled_at() const noexcept { return settled_at_; }  // see Journal::appended()
  // For how long a client may take nothing.
  Duration reader_patience() const noexcept;

 private:
  // It only ever moves on, and from `settled` no further.
  enum class State : std::uint8_t {
    made,        // nothing is dispatched and nothing owed. start() moves it on
    dispatched,  // the row is open, the call is out. on_head() moves it on; keep_alive() to `sending`
    answering,   // the answer is being read, and nothing of it has gone to the client. send() moves it on
    sending,     // something has gone to the client: no other attempt can follow
    settled,     // the row is closed, and nothing is heard any more. By settle(), from any state but `made`
  };
  // What may end the wait for the next bytes, and when.
  struct Due {
    enum class Limit : std::uint8_t { total, first_byte, idle, client, room, silence };
    TimePoint when;
    Limit limit;
  };

  // UpstreamReply.
  void on_head(const UpstreamHead& head) override;
  Flow on_body(std::string_view bytes) override;
  void on_room() override;
  void on_end(Result<void> result) override;
  // AnswerSink.
  void relay(std::string_view bytes) override;
  void event(const ChatEvent& event) override;
  bool has_sent() const noexcept override { return state_ == State::sending; }

  void send(std::string_view bytes);
  void flush_written();
  void count_kept();
  void go_on();
  Flow flow() const noexcept { return paused_ || waits_for_room_ ? Flow::pause : Flow::more; }

  void succeed();
  void fail_by_answer();
  void fail(AttemptFailure::Kind kind, Observed::Ending ending, ApiError error, bool final = false);
  void leave();
  void settle(RowState state, Observed::Ending ending, std::string_view error_code);
  void log(std::string_view what) const;
  void log_opening(Duration open_for) const;  // of the target's breaker

  Observed::Ending cut_off();
  void pause() noexcept;
  Due next_due() const noexcept;
  void arm();
  void on_time();
  void on_limit(Due::Limit limit);

  GatewayWorker& worker_;
  AttemptEvents& events_;
  const ExchangeRequest& request_;
  const AttemptPlan plan_;
  Row row_;
  SpendHold hold_;
  BodyTexts texts_;
  std::unique_ptr<Call> call_;
  AnswerSlot answer_;                     // once there is a head
  std::unique_ptr<AnswerWriter> writer_;  // if the client's shape is not the provider's
  std::optional<PooledBuffer> written_;   // by it: a document

  State state_ = State::made;
  bool asked_usage_ = false;  // the client did not
  bool paused_ = false;       // by the client
  bool waits_for_room_ = false;
  bool uploads_ = false;              // the body is not complete
  bool is_stuck_ = false;             // and its provider takes no more of it
  bool has_begun_ = false;            // the first event or body byte has come
  std::optional<Money> unseen_cost_;  // see Observed
  std::size_t counted_ = 0;           // of what the answer keeps
  std::uint64_t settled_at_ = 0;      // the journal's count after the settled row
  std::optional<std::chrono::milliseconds> retry_after_;

  TimePoint deadline_{};
  TimePoint asked_{};  // when the request was complete: from here on the provider takes its time
  TimePoint stuck_since_{};
  TimePoint dispatched_{}, first_byte_at_{}, last_bytes_{}, last_sent_{}, paused_at_{}, waits_since_{};
  MemberAlarm<Attempt, &Attempt::on_time> alarm_{*this};
};

}  // namespace gateway
