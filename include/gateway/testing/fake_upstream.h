// Providers that answer what a test says, when it says so.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/upstream.h"

namespace gateway::testing {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// A request as it was sent, copied.
struct SentRequest {
  std::string origin;  ///< Origin::id
  std::string method;
  std::string path;
  Headers headers;
  std::string body;                          ///< what was taken of it, if it goes on
  std::optional<std::uint64_t> body_length;  ///< as announced; absent: it goes on, nobody knows how far
  std::chrono::milliseconds connect_timeout{0};
};

/// An answer prepared in advance.
struct Answer {
  int status = 200;  ///< 0: no head comes
  HeaderList headers;
  std::vector<std::string> body;  ///< one on_body each
  Result<void> end;

  static Answer json(int status, std::string body);
  static Answer stream(std::vector<std::string> pieces);  ///< as text/event-stream
  static Answer failure(ErrorCode code, std::string detail = "as the test says");
};

/// One call, as the test sees it: the provider's end. Lives as long as its FakeUpstream, whatever becomes of the Call.
class FakeCall {
 public:
  FakeCall(const FakeCall&) = delete;
  FakeCall& operator=(const FakeCall&) = delete;
  ~FakeCall();

  const SentRequest& request() const noexcept { return request_; }

  /// Say something to the UpstreamReply, at once; or once resumed and run, if it is paused. Nothing is heard after
  /// end(), nor after the Call is destroyed.
  void head(int status, const HeaderList& headers = {});
  Flow body(std::string_view bytes);
  void end(Result<void> result = {});
  void answer(const Answer& answer);
  /// From now on the Call reports that it has not left yet: as one that waits for its connection.
  void not_sent() noexcept { sent_ = false; }

  bool alive() const noexcept { return alive_; }  ///< the Call exists
  bool cancelled() const noexcept { return !alive_ && !ended_; }
  bool ended() const noexcept { return ended_; }  ///< on_end was heard
  bool paused() const noexcept { return paused_; }
  int resumed() const noexcept { return resumed_; }  ///< times that Call::resume was called
  /// The body's bytes are needed until the end: as for one that sends them slowly.
  void holds_body() noexcept { holds_body_ = true; }
  /// Takes so many more bytes of a body that goes on, as they come; until then none, or all: see
  /// FakeUpstream::hold_bodies.
  void take(std::size_t bytes);
  bool body_complete() const noexcept { return body_complete_; }
  /// The bytes of the body were not what they had been at the start when the answer began or ended, or while it held
  /// them.
  bool body_changed() const noexcept { return body_changed_; }

 private:
  friend class FakeUpstream;
  class Handle;
  struct Step;
  FakeCall(const UpstreamRequest& request, UpstreamReply& reply);
  void say(Step step);
  void queue(const Answer& answer);
  bool deliver_one();  ///< false: nothing to report, or nobody who receives it
  bool give_room();
  std::size_t take_body(std::string_view bytes);
  void check_body();

  SentRequest request_;
  std::vector<std::string_view> body_pieces_;
  UpstreamReply* reply_;
  std::vector<Step> steps_;
  bool alive_ = true;
  bool sent_ = true;
  bool holds_body_ = false;
  bool ended_ = false;
  bool paused_ = false;
  bool body_changed_ = false;
  bool body_complete_ = true;
  bool awaits_room_ = false;    // has not heard that there is some, since it was short
  bool awaits_answer_ = false;  // which comes once the body is complete
  std::size_t room_ = 0;
  int resumed_ = 0;
};

/// One thread. Answers come from the test: by call(i), or from what it scripted when it calls run(); never inside
/// start(). What is scripted comes once the request is complete. Bodies that go on are taken when run() is called.
class FakeUpstream : public Upstream {
 public:
  FakeUpstream();
  ~FakeUpstream() override;  ///< outlives the Calls
  std::unique_ptr<Call> start(const UpstreamRequest& request, UpstreamReply& reply) override;
  bool lets_bodies_go_on() const noexcept override { return true; }

  /// Answers in advance: those of answer_next first, one call each, then what `make` returns for the rest.
  void answer_next(Answer answer);
  void answer_all(std::function<Answer(const SentRequest&)> make);
  void answer_all(Answer answer);

  /// Calls started from now on take nothing of a body that goes on but what FakeCall::take says.
  void hold_bodies() noexcept { holds_bodies_ = true; }

  /// Delivers what is to be said, also to calls that are started meanwhile, until nothing is left. Returns how much it
  /// was.
  std::size_t run();
  /// The same, one event alone. False: there was none.
  bool run_one();

  std::size_t calls() const noexcept { return calls_.size(); }  ///< started so far
  std::size_t alive() const noexcept;                           ///< not destroyed yet
  FakeCall& call(std::size_t i);                                ///< in the order of starting
  FakeCall& last();

 private:
  std::deque<Answer> next_;
  std::function<Answer(const SentRequest&)> make_;
  bool holds_bodies_ = false;
  std::vector<std::shared_ptr<FakeCall>> calls_;
};

}  // namespace gateway::testing
