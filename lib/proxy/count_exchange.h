// POST /v1/messages/count_tokens: how many tokens the input of a message has. Its provider counts them if it speaks the
// client's shape; else the answer is an estimate, and says so. It is nobody's bill, so that it has no row.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/exchange.h"
#include "gateway/timer.h"
#include "gateway/upstream.h"
#include "policy/routing/route_choice.h"
#include "providers/dialect.h"
#include "proxy/answer_line.h"
#include "proxy/exchange_request.h"
#include "proxy/fair_share.h"
#include "proxy/incoming.h"
#include "proxy/worker.h"

namespace gateway {

class CountExchange final : public Exchange {
 public:
  // `caller` is of `in.snapshot`.
  CountExchange(GatewayWorker& worker, Client& client, const Incoming& in, Caller caller);
  ~CountExchange() override;

  // Once, before anything else.
  void begin(std::optional<std::uint64_t> content_length);
  bool is_authenticated() const override { return true; }
  bool wants_body() const override { return state_ == State::reading; }
  Flow on_body(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override {}

 private:
  enum class State : std::uint8_t { reading, counting, done };

  void gather(std::string_view bytes);
  std::optional<ApiError> judge();  // nothing: it may be counted
  const TargetConfig& first_target() const;
  bool query_provider();  // false: it cannot count this

  // What the provider says. Of its errors nothing is relayed: they are judged, and written anew.
  class Reply final : public UpstreamReply, public AnswerSink {
   public:
    explicit Reply(CountExchange& owner) : error(owner.worker_.answers.room), owner_(owner) {}
    void on_head(const UpstreamHead& head) override;
    Flow on_body(std::string_view bytes) override;
    void on_end(Result<void> result) override { return owner_.on_answered(result); }
    void relay(std::string_view) override {}
    void event(const ChatEvent&) override {}
    bool has_sent() const noexcept override { return false; }

    int status = 0;
    std::string body;     // of a count
    AnswerSlot error;     // if it is one
    bool failed = false;  // the error is judged already

   private:
    CountExchange& owner_;
  };
  void on_answered(const Result<void>& how);
  void on_time();

  // The answers. Each is the end of the exchange: nothing of it is touched after.
  void refuse(const ApiError& error);  // ours: counted
  void answer_error(const ApiError& error);
  void answer_estimate();
  void answer(int status, std::string_view body, std::string_view counted_by, const ApiError* error);
  void finish(int status, std::string_view error_code);

  GatewayWorker& worker_;
  AnswerLine line_;
  const std::shared_ptr<const Snapshot> snapshot_;
  const Project& project_;
  const std::string_view peer_;
  ExchangeRequest request_;
  ProjectRoom room_;  // for the body
  State state_ = State::reading;
  bool entered_ = false;
  const RouteConfig* route_ = nullptr;
  RouteChoice choice_;

  const Provider* provider_ = nullptr;  // that counts; null: it is estimated
  std::string_view model_;              // the provider's name for it
  BodyTexts texts_;
  Reply reply_{*this};
  MemberAlarm<CountExchange, &CountExchange::on_time> alarm_{*this};
  std::unique_ptr<Call> call_;
};

}  // namespace gateway
