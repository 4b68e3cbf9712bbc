// Providers that answer what a test says, when it says so.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
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
  std::string body;
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
  int resumed_ = 0;
};

/// One thread. Answers come from the test: by call(i), or from what it scripted when it calls run(); never inside
/// start().
class FakeUpstream : public Upstream {
 public:
  FakeUpstream();
  ~FakeUpstream() override;  ///< outlives the Calls
  std::unique_ptr<Call> start(const UpstreamRequest& request, UpstreamReply& reply) override;

  /// Answers in advance: those of answer_next first, one call each, then what `make` returns for the rest.
  void answer_next(Answer answer);
  void answer_all(std::function<Answer(const SentRequest&)> make);
  void answer_all(Answer answer);

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
  std::vector<std::shared_ptr<FakeCall>> calls_;
};

}  // namespace gateway::testing
