#include "gateway/testing/fake_upstream.h"

#include <algorithm>
#include <cstdint>

namespace gateway::testing {

struct FakeCall::Step {
  enum class Kind { head, body, end } kind;
  int status = 0;
  HeaderList headers;
  std::string bytes;
  Result<void> result;
};

class FakeCall::Handle final : public Call {
 public:
  explicit Handle(std::shared_ptr<FakeCall> call) : call_(std::move(call)) {}
  ~Handle() override { call_->alive_ = false; }
  void resume() override {
    ++call_->resumed_;
    call_->paused_ = false;
  }
  std::size_t send_body(std::string_view bytes) override { return call_->take_body(bytes); }
  void end_body() override {
    const bool has_length = !call_->request_.body_length || call_->request_.body.size() == *call_->request_.body_length;
    if (call_->body_complete_ || call_->awaits_room_ || !has_length)
      detail::die("Call::end_body comes once, when all of the body was taken");
    call_->body_complete_ = true;
  }
  bool sent() const noexcept override { return call_->sent_; }
  bool holds_body() const noexcept override {
    if (call_->holds_body_ || !call_->sent_) return true;
    call_->check_body();
    call_->body_pieces_.clear();
    return false;
  }

 private:
  std::shared_ptr<FakeCall> call_;
};

Answer Answer::json(int status, std::string body) {
  return {.status = status,
          .headers = {{"content-type", "application/json"}, {"content-length", std::to_string(body.size())}},
          .body = {std::move(body)},
          .end = {}};
}

Answer Answer::stream(std::vector<std::string> pieces) {
  return {.status = 200, .headers = {{"content-type", "text/event-stream"}}, .body = std::move(pieces), .end = {}};
}

Answer Answer::failure(ErrorCode code, std::string detail) {
  return {.status = 0, .headers = {}, .body = {}, .end = Error{code, std::move(detail)}};
}

FakeCall::FakeCall(const UpstreamRequest& request, UpstreamReply& reply)
    : body_pieces_(request.body.begin(), request.body.end()),
      reply_(&reply),
      body_complete_(!request.body_goes_on),
      awaits_room_(request.body_goes_on),
      room_(SIZE_MAX) {
  if (request.origin) request_.origin = request.origin->id;
  request_.method = request.method;
  request_.path = request.path;
  for (const HeaderField& field : request.headers) request_.headers.add(field.name, field.value);
  for (const std::string_view piece : request.body) request_.body += piece;
  if (!request.body_goes_on || request.rest_length)
    request_.body_length = request_.body.size() + request.rest_length.value_or(0);
  request_.connect_timeout = request.connect_timeout;
}

FakeCall::~FakeCall() = default;

void FakeCall::head(int status, const HeaderList& headers) {
  say({.kind = Step::Kind::head, .status = status, .headers = headers, .bytes = {}, .result = {}});
}

Flow FakeCall::body(std::string_view bytes) {
  say({.kind = Step::Kind::body, .status = 0, .headers = {}, .bytes = std::string(bytes), .result = {}});
  return paused_ ? Flow::pause : Flow::more;
}

void FakeCall::end(Result<void> result) {
  say({.kind = Step::Kind::end, .status = 0, .headers = {}, .bytes = {}, .result = std::move(result)});
}

void FakeCall::answer(const Answer& answer) {
  awaits_answer_ = false;
  queue(answer);
  while (deliver_one()) continue;
}

void FakeCall::say(Step step) {
  awaits_answer_ = false;
  steps_.push_back(std::move(step));
  while (deliver_one()) continue;
}

void FakeCall::queue(const Answer& answer) {
  if (answer.status != 0) {
    steps_.push_back(
        {.kind = Step::Kind::head, .status = answer.status, .headers = answer.headers, .bytes = {}, .result = {}});
  }
  for (const std::string& piece : answer.body) {
    steps_.push_back({.kind = Step::Kind::body, .status = 0, .headers = {}, .bytes = piece, .result = {}});
  }
  steps_.push_back({.kind = Step::Kind::end, .status = 0, .headers = {}, .bytes = {}, .result = answer.end});
}

void FakeCall::take(std::size_t bytes) {
  room_ = room_ == SIZE_MAX ? bytes : room_ + bytes;
  while (give_room()) continue;
}

bool FakeCall::give_room() {
  if (!alive_ || ended_ || body_complete_ || !awaits_room_ || room_ == 0) return false;
  awaits_room_ = false;
  check_body();
  body_pieces_.clear();
  reply_->on_room();
  return true;
}

std::size_t FakeCall::take_body(std::string_view bytes) {
  if (body_complete_ || awaits_room_) detail::die("Call::send_body comes after on_room, and before end_body");
  const std::size_t taken = std::min(bytes.size(), room_);
  if (room_ != SIZE_MAX) room_ -= taken;
  request_.body += bytes.substr(0, taken);
  awaits_room_ = taken < bytes.size();
  if (request_.body_length && request_.body.size() > *request_.body_length)
    detail::die("a body is no longer than it was announced");
  return taken;
}

bool FakeCall::deliver_one() {
  if (give_room()) return true;
  if (awaits_answer_ && !body_complete_) return false;
  if (!alive_ || ended_ || paused_ || steps_.empty()) return false;
  const Step step = std::move(steps_.front());
  steps_.erase(steps_.begin());
  switch (step.kind) {
    case Step::Kind::head: {
      check_body();
      std::vector<HeaderField> fields;
      for (const auto& [name, value] : step.headers) fields.push_back({name, value});
      reply_->on_head({step.status, fields});
      break;
    }
    case Step::Kind::body:
      paused_ = reply_->on_body(step.bytes) == Flow::pause;
      break;
    case Step::Kind::end:
      check_body();
      ended_ = true;
      reply_->on_end(step.result);
      break;
  }
  return true;
}

void FakeCall::check_body() {
  std::string_view rest = request_.body;
  for (const std::string_view piece : body_pieces_) {
    body_changed_ |= piece != rest.substr(0, piece.size());
    rest.remove_prefix(piece.size());
  }
}

FakeUpstream::FakeUpstream() = default;
FakeUpstream::~FakeUpstream() = default;

std::unique_ptr<Call> FakeUpstream::start(const UpstreamRequest& request, UpstreamReply& reply) {
  const std::shared_ptr<FakeCall> call(new FakeCall(request, reply));
  calls_.push_back(call);
  if (holds_bodies_) call->room_ = 0;
  call->awaits_answer_ = true;
  if (!next_.empty()) {
    call->queue(next_.front());
    next_.pop_front();
  } else if (make_) {
    call->queue(make_(call->request()));
  }
  return std::make_unique<FakeCall::Handle>(call);
}

void FakeUpstream::answer_next(Answer answer) { next_.push_back(std::move(answer)); }

void FakeUpstream::answer_all(std::function<Answer(const SentRequest&)> make) { make_ = std::move(make); }

void FakeUpstream::answer_all(Answer answer) {
  make_ = [answer = std::move(answer)](const SentRequest&) { return answer; };
}

std::size_t FakeUpstream::run() {
  std::size_t delivered = 0;
  while (run_one()) ++delivered;
  return delivered;
}

bool FakeUpstream::run_one() {
  // By index: a reply may start another call.
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (const std::shared_ptr<FakeCall> call = calls_[i]; call->deliver_one()) return true;
  }
  return false;
}

std::size_t FakeUpstream::alive() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(calls_.begin(), calls_.end(), [](const auto& call) { return call->alive(); }));
}

FakeCall& FakeUpstream::call(std::size_t i) {
  if (i >= calls_.size()) detail::die("FakeUpstream::call: no such call was started");
  return *calls_[i];
}

FakeCall& FakeUpstream::last() {
  if (calls_.empty()) detail::die("FakeUpstream::last: no call was started");
  return *calls_.back();
}

}  // namespace gateway::testing
