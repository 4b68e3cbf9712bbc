// GET, DELETE and cancel of a response that its provider has stored: they go to the provider that made it, for the
// project that it was made for. For all others, and for ids that nobody made, there is none. It is nobody's bill, so
// that it has no row.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/exchange.h"
#include "gateway/timer.h"
#include "gateway/upstream.h"
#include "providers/dialect.h"
#include "proxy/answer_line.h"
#include "proxy/answer_lookups.h"
#include "proxy/exchange_request.h"
#include "proxy/fair_share.h"
#include "proxy/incoming.h"
#include "proxy/worker.h"

namespace gateway {

class StoredResponse final : public Exchange {
 public:
  // `caller` is of `in.snapshot`.
  StoredResponse(GatewayWorker& worker, Client& client, const Incoming& in, Caller caller);
  ~StoredResponse() override;

  // The methods of that part of a response, as the field `allow` lists them.
  static std::string_view methods(std::string_view part) noexcept;
  static bool allows(std::string_view part, std::string_view method) noexcept;

  // Once, before anything else.
  void begin(std::optional<std::uint64_t> content_length);
  bool is_authenticated() const override { return true; }
  bool wants_body() const override { return state_ == State::reading; }
  Flow on_body(std::string_view bytes) override;
  void on_end() override;
  void on_drained() override;

 private:
  // It only ever moves on.
  enum class State : std::uint8_t {
    reading,  // a body that means nothing here
    finding,  // its owner, in the ledger
    asking,   // the owner, which has not answered
    refused,  // by the owner, with an error that is gathered
    sending,  // what the owner answers
    done,
  };

  // What the provider says. Of its errors nothing is relayed: they are judged, and written anew.
  class Reply final : public UpstreamReply, public AnswerSink {
   public:
    explicit Reply(StoredResponse& owner) : owner_(owner) {}
    void on_head(const UpstreamHead& head) override { return owner_.on_head(head); }
    Flow on_body(std::string_view bytes) override { return owner_.on_bytes(bytes); }
    void on_end(Result<void> result) override { return owner_.on_answered(result); }
    void relay(std::string_view) override {}
    void event(const ChatEvent&) override {}
    bool has_sent() const noexcept override { return false; }

   private:
    StoredResponse& owner_;
  };
  void on_head(const UpstreamHead& head);
  Flow on_bytes(std::string_view bytes);
  void on_answered(const Result<void>& how);

  void start_look();
  void look();  // whether the owner is known by now
  void query_owner();
  void arm();
  void on_time();

  // The answers. Each is the end of the exchange: nothing of it is touched after.
  void refuse(const ApiError& error);  // ours: counted
  void answer_error(const ApiError& error);
  void break_off();
  void log(std::string_view what) const;
  void send_head(int status, std::string_view content_type, std::optional<std::uint64_t> length, const ApiError* error);
  void finish(int status, std::string_view error_code);
  std::string_view path() const noexcept;

  GatewayWorker& worker_;
  AnswerLine line_;
  const std::shared_ptr<const Snapshot> snapshot_;
  const Project& project_;
  const std::string_view peer_;
  const std::string id_, method_, query_;
  const std::string_view part_;
  ExchangeRequest request_;
  ProjectRoom room_;
  State state_ = State::reading;
  bool entered_ = false;
  bool paused_ = false, ended_ = false;  // the owner's answer: by the client, and as a whole
  std::size_t read_ = 0;                 // of the body
  TimePoint moved_{};                    // when something last came or went
  std::shared_ptr<const AnswerLookups::Lookup> lookup_;
  bool looked_again_ = false;  // an answer that has just ended may not be in the ledger yet

  const Provider* provider_ = nullptr;  // the owner
  int status_ = 0;
  std::optional<std::chrono::milliseconds> retry_after_;
  AnswerSlot error_;
  std::size_t error_size_ = 0;
  bool failed_ = false;  // the error is judged already
  Reply reply_{*this};
  MemberAlarm<StoredResponse, &StoredResponse::on_time> alarm_{*this};
  std::unique_ptr<Call> call_;
};

}  // namespace gateway
