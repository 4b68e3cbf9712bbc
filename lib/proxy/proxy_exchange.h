// A request to a model from its head to its last byte: reads it, has it admitted, tries targets in order,
// relays what comes. Decides nothing itself: wire reads, policy judges.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "gateway/client.h"
#include "gateway/exchange.h"
#include "proxy/admission.h"
#include "proxy/answer_line.h"
#include "proxy/attempt.h"
#include "proxy/decision.h"
#include "proxy/durable_waits.h"
#include "proxy/fair_share.h"
#include "proxy/incoming.h"
#include "proxy/model_turn.h"
#include "proxy/room_waits.h"
#include "proxy/upload.h"
#include "proxy/worker.h"

namespace gateway {

inline constexpr auto kLeaseWait = std::chrono::milliseconds(3);  // until a cap's account may have been granted more

class ProxyExchange final : public Exchange,
                            private AttemptEvents,
                            private DurableWaits::Waiter,
                            private RoomWaits::Waiter {
 public:
  // `caller` is of `in.snapshot`.
  ProxyExchange(GatewayWorker& worker, Client& client, const Incoming& in, Caller caller);
  ~ProxyExchange() override;

  // Once, before anything else: refused for what the head alone shows, or admitted as one of those in flight.
  void begin(std::optional<std::uint64_t> content_length);
  bool is_authenticated() const override { return true; }
  bool wants_body() const override { return state_ == State::reading || is_uploading(); }
  bool relays_body() const override { return upload_ != nullptr; }
  Flow on_body(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override;

  // What was considered so far.
  const Decision& decision() const noexcept { return decision_; }

 private:
  enum class State : std::uint8_t {
    reading,
    trying,
    streaming,
    flushing,      // the answer's end waits for its row
    handing_over,  // and now for a client that reads slowly
    done,
  };
  enum class Dispatch : std::uint8_t { started, waits, skipped };
  // How it ended for the client.
  struct Outcome {
    int status = 200;
    std::string_view error_code{};  // empty: it was answered
  };

  // Admission.
  void release_body();
  void count_room();
  std::int64_t kept() const noexcept;
  bool has_turn();
  bool take_room() override;
  bool is_hopeless() const override;
  void on_room(bool found) override;
  void end_waiting() noexcept;
  ProjectRoom::Bound room_bound() const noexcept;
  void gather(std::string_view bytes);
  void read_form_on(std::string_view bytes);
  void begin_trying();
  bool read_request();
  bool find_route(std::string_view model);
  bool route_request();
  bool choose_targets();
  RouteChoice choose(const RouteConfig& route, std::string_view model) const;
  std::string_view model() const noexcept;  // that is being tried
  bool next_model();                        // of this round, that may answer instead; false: there is none
  void go_round() noexcept;                 // back to the first of them
  std::string_view own_route() const noexcept;
  bool admit_rates();
  void advance();                                                // the next attempt, or the end
  Dispatch dispatch(std::size_t target, bool is_hedge = false);  // its place in the route
  TimePoint earliest_target() const;
  // Whether another target may do what this one refused for good, as the configuration has it.
  bool goes_elsewhere(const Attempt& attempt, const AttemptFailure& failure, const ApiError& error);
  void give_up();
  std::size_t place_of(const Attempt& attempt) const noexcept;  // of its target, in the route of the model's turn
  // Whether the request may be sent to the same target, or another, for what became of this attempt.
  bool note_failure(const Attempt& attempt, const AttemptFailure& failure, const ApiError& error);

  // A second attempt beside a slow one: see proxy_hedge.cc.
  void arm_hedge();
  void on_hedge_due();
  void take(Attempt& attempt);  // its answer is what the client gets, if there is another
  void on_one_failed(Attempt& attempt, const AttemptFailure& failure, ApiError error);

  // A form that goes out while it comes.
  bool is_uploading() const noexcept { return upload_ != nullptr && upload_->is_open; }
  void consider_upload();
  void start_upload();
  Flow upload_on(std::string_view bytes);
  void give_up_others();
  void send_kept();
  void end_upload();
  void cut_upload(ApiError error);

  // AttemptEvents.
  Flow on_stream(Attempt& attempt, std::string_view bytes) override;
  Flow on_gathered(Attempt& attempt, std::size_t bytes) override;
  void on_room(Attempt& attempt) override;
  void on_complete(Attempt& attempt) override;
  void on_failed(Attempt& attempt, const AttemptFailure& failure, ApiError error) override;
  void on_broken(Attempt& attempt, ApiError error) override;
  void on_client_stuck(Attempt& attempt) override;
  void on_silence(Attempt& attempt) override;

  // Answers. The last of each is the end of the exchange: nothing of it is touched after.
  void refuse(const ApiError& error);  // counted, nothing dispatched
  void fail_with(ApiError error);      // something was dispatched
  void answer_error(const ApiError& error);
  void break_off(const ApiError& error);  // something has gone to the client
  void send_head(int status, std::string_view content_type, std::optional<std::uint64_t> length, const ApiError* error);
  void flush_when_durable();
  void on_waited(bool stored) override;
  void flush();
  void send_ending();
  void await_reader();
  Money total_cost() const noexcept;
  void log_body(std::string_view what, std::string_view bytes) const;  // if the configuration enables it
  void learn();
  void correct_tokens();
  void on_reader_gone();
  // The one end of all exchanges: what was taken is returned, and the exchange is reported.
  void finish(const Outcome& outcome);

  GatewayWorker& worker_;
  AnswerLine answer_;
  const std::shared_ptr<const Snapshot> snapshot_;
  const Project& project_;
  const std::string model_by_path_;
  const std::string_view peer_;
  ExchangeRequest request_;
  std::unique_ptr<FormReader> form_;   // while a body comes that is one
  std::unique_ptr<Upload> upload_;     // if it is sent while it comes
  ProjectRoom room_;                   // for the body, and for what is kept of an answer
  ProjectRoom waiting_;                // the same, while it waits for more
  std::uint64_t announced_ = 0;        // of the body
  std::size_t gathered_ = 0;           // of the answer, by the attempt
  ModelTurn turn_;                     // of model()
  std::vector<ModelTurn> turns_;       // of the other models that were tried, in their order
  std::shared_ptr<ModelMeans> means_;  // null: nothing is known yet
  Decision decision_;
  std::unique_ptr<Attempt> attempt_;   // the last one, but for
  std::unique_ptr<Attempt> rival_;     // the hedge beside it, while both are under way and nothing has been sent
  int dispatched_ = 0, hedged_ = 0;    // attempts, and of them hedges
  std::uint64_t lost_settled_at_ = 0;  // see Attempt::settled_at, of those that lost
  // Each is null as long as there is none: most exchanges never have one.
  std::unique_ptr<ApiError> attempt_error_;  // of the last attempt that failed
  std::unique_ptr<ApiError> final_error_;    // of one that failed for good while another was under way
  std::unique_ptr<ApiError> skip_error_;     // the most hopeful of those that were not made
  std::unique_ptr<ApiError> failed_with_;    // what the answer is going to be
  Hope skip_hope_ = Hope::none;

  State state_ = State::reading;
  bool entered_ = false;   // in flight, here and in the project
  bool admitted_ = false;  // by the rate limits, so that they are owed the real tokens
  bool ending_sent_ = false;
  std::int64_t charged_tokens_ = 0;
  std::size_t cursor_ = 0;  // the place of the next one of this model's turn, in the order of its choice
  int round_ = 0;
  bool goes_round_ = false;  // some target of this round may answer later
  int lease_waits_ = 0;
  Money cost_;  // of the attempts that failed
  Duration overhead_{};
  MemberAlarm<ProxyExchange, &ProxyExchange::advance> retry_alarm_{*this};
  MemberAlarm<ProxyExchange, &ProxyExchange::on_hedge_due> hedge_alarm_{*this};
  MemberAlarm<ProxyExchange, &ProxyExchange::on_reader_gone> reader_alarm_{*this};
};

}  // namespace gateway
