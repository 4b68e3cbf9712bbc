// One dispatch of an exchange to one target: its row, its hold, its time limits, and what comes back.
#pragma once

#include <bitset>
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
#include "providers/dialect.h"
#include "proxy/health_ref.h"
#include "proxy/judgement.h"
#include "proxy/worker.h"
#include "wire/openai/document_scan.h"
#include "wire/openai/error_body.h"
#include "wire/openai/weigh.h"
#include "wire/sse/scanner.h"

namespace gateway {

// What an attempt tells its exchange. Each of the ending events comes once and last; the attempt may be destroyed in
// it.
class AttemptEvents {
 public:
  // Bytes for the client: whole events of a stream.
  virtual Flow on_stream(std::string_view bytes) = 0;
  // So much of an answer is kept by now, until it is whole. Flow::pause: there is no room for it, and no more is to
  // come until Attempt::go_on_gathering().
  virtual Flow on_gathered(std::size_t bytes) = 0;

  // The ends. The row is settled by then.
  virtual void on_answer(const PaddedBuffer& body) = 0;                       // one JSON document, whole
  virtual void on_stream_end() = 0;                                           // the stream is whole but for its [DONE]
  virtual void on_failed(const AttemptFailure& failure, ApiError error) = 0;  // nothing has gone to the client
  virtual void on_broken(ApiError error) = 0;                                 // something has
  virtual void on_client_stuck() = 0;  // it has not read for longer than the idle limit

 protected:
  ~AttemptEvents() = default;
};

struct AttemptPlan {
  const Provider* provider = nullptr;
  const TargetConfig* target = nullptr;
  std::string_view target_model;
  PriceInForce prices;
  Timeouts timeouts;
  HealthRef health;
  TargetHealth::Pass pass;  // the circuit breaker's permit for this attempt
  std::optional<std::int64_t> write_max_tokens;
  Surcharges beside;  // what the request asks for beside tokens at the usual rates
  std::optional<std::int64_t> output_bound;
  bool capped = false;                         // the project has a spend cap
  std::int64_t max_event = 0, max_answer = 0;  // see ServerConfig
};

class Attempt final : private UpstreamReply {
 public:
  // The row is filled in as far as the exchange knows it, and the attempt's own until it is settled; room for it in the
  // journal is reserved. All references outlive the attempt.
  Attempt(GatewayWorker& worker, AttemptEvents& events, const RequestFacts& facts, std::string_view body,
          const AttemptPlan& plan, Row& row, SpendHold hold, TimePoint deadline);
  ~Attempt() { abandon(); }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // Writes the row's opening into the journal, then dispatches.
  void start();
  void resume();                   // the client reads again
  void reader_goes_on() noexcept;  // it has taken something, though not all that waits for it
  void go_on_gathering();          // there is room for the answer
  void fail_for_room();            // there will be none

  // The client has left: what was used is billed. Nothing is heard after.
  void abandon();

  // Whether the request's body is still needed for sending it.
  bool holds_body() const noexcept { return call_ != nullptr && call_->holds_body(); }
  // The answer, where it goes out as one JSON document; null for a stream.
  PaddedBuffer* document() noexcept { return document_ && !facts_.stream ? &**document_ : nullptr; }
  // Whether the settled row is in the store.
  bool is_durable() const noexcept { return worker_.journal.confirmed() >= settled_at_; }
  // A document that goes out as it comes, its length unknown; and its end, which waits until the row is stored.
  bool relays_document() const noexcept { return mode_ == Mode::relayed; }
  std::string_view document_end() const noexcept { return document_end_; }
  std::uint64_t settled_at() const noexcept { return settled_at_; }  // see Journal::appended()
  // For how long a client may take nothing.
  Duration reader_patience() const noexcept;

 private:
  enum class Mode : std::uint8_t {
    waiting,
    unjudged,  // a body came, and might be either
    document,  // is gathered
    relayed,   // a large document, sent on as it comes
    stream,
  };
  static constexpr std::size_t kRelayFrom = 1024 * 1024;
  // What may end the wait for the next bytes, and when.
  struct Due {
    enum class Limit : std::uint8_t { total, first_byte, idle, client, room, silence };
    TimePoint when;
    Limit limit;
  };

  void on_head(const UpstreamHead& head) override;
  Flow on_body(std::string_view bytes) override;
  void on_end(Result<void> result) override;

  bool take_kind(std::string_view& bytes);
  bool take_event(const SseEvent& event, std::string_view piece);  // false: the attempt has ended
  void pass_on(const SseEvent& event, std::string_view piece);
  void flush();
  void note(const AnswerFacts& facts);
  void fail_empty();
  void end_of_stream(const Result<void>& result);
  Flow take_document(std::string_view bytes);
  void count_gathered(std::size_t bytes);
  void count_carried();
  void go_on();
  Flow flow() const noexcept { return paused_ || waits_for_room_ ? Flow::pause : Flow::more; }
  bool begin_relay();
  Flow relay_document(std::string_view bytes);
  void end_of_relayed(const Result<void>& result);
  void end_of_document();
  void fail_unreadable();
  void log_unusable();
  void note_unfinished(AnswerFacts& facts);
  void relay_as_events();
  bool every_choice_has_finished(bool ended_cleanly) const noexcept;

  void succeed_stream();
  void fail(AttemptFailure::Kind kind, Observed::Ending ending, ApiError error, bool final = false);
  void fail_by(const Judgement& judgement);  // of worker_.facts
  void settle(RowState state, Observed::Ending ending, std::string_view error_code);

  Observed::Ending cut_off();
  void begin_answer();
  void pause() noexcept;
  Due next_due() const noexcept;
  void arm();
  void on_time();
  void on_limit();
  void keep_alive();

  GatewayWorker& worker_;
  AttemptEvents& events_;
  const RequestFacts& facts_;
  const std::string_view body_;
  const AttemptPlan plan_;
  Row& row_;
  SpendHold hold_;
  Observed observed_;
  Weight weight_;  // of what came
  BodyTexts texts_;
  std::unique_ptr<Call> call_;

  Mode mode_ = Mode::waiting;
  int status_ = 0;
  bool committed_ = false;  // something went to the client
  bool done_ = false;       // [DONE] was seen
  bool paused_ = false;     // by the client
  bool waits_for_room_ = false;
  bool counts_event_ = false;  // one that has not come whole
  bool has_begun_ = false;     // the first event or body byte has come
  bool settled_ = false;
  bool first_chunk_ = true;
  bool says_events_ = false;           // the content type does
  std::string beginning_;              // of a body whose kind is not known yet
  std::bitset<128> begun_, finished_;  // choices
  bool asked_usage_ = false;           // the client did not
  std::uint64_t settled_at_ = 0;       // the journal's count behind the settled row
  std::optional<std::chrono::milliseconds> retry_after_;
  SseScanner scanner_;
  std::string_view pending_;  // neighbouring events that go out as one
  std::optional<PooledBuffer> document_;
  std::unique_ptr<DocumentScan> scan_;  // while it is relayed
  std::string document_end_;
  std::size_t judge_at_ = kRelayFrom;  // the size from which on a document may be relayed

  const TimePoint deadline_;
  TimePoint dispatched_{}, last_bytes_{}, last_sent_{}, paused_at_{}, waits_since_{};
  MemberAlarm<Attempt, &Attempt::on_time> alarm_{*this};
};

}  // namespace gateway
