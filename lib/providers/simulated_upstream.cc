#include "providers/simulated_upstream.h"

#include <string>
#include <vector>

#include "providers/simulated_answer.h"

namespace gateway {
namespace {

// One answer, as pieces with a pause before each.
class SimulatedCall final : public Call, private Alarm {
 public:
  SimulatedCall(Timer& timer, UpstreamReply& reply) : timer_(timer), reply_(reply) {}
  ~SimulatedCall() override {
    if (destroyed_ != nullptr) *destroyed_ = true;
  }

  void prepare(const UpstreamRequest& request);
  void resume() override {
    paused_ = false;
    if (!armed()) timer_.arm(*this, timer_.now());
  }

 private:
  void on_alarm() override;
  void prepare_chat(const SimulatedScript& script, const SimulatedRequest& request);
  void prepare_stream(const SimulatedScript& script, const SimulatedRequest& request);
  void prepare_error(int status, std::string_view message);
  void prepare_json() { content_type_ = "application/json"; }

  Timer& timer_;
  UpstreamReply& reply_;
  int status_ = 200;
  std::string content_type_ = "text/event-stream";
  std::string retry_after_;
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
  Duration delay_{};
  bool head_sent_ = false;
  bool hangs_ = false;
  bool breaks_before_head_ = false;
  bool breaks_at_end_ = false;
  bool paused_ = false;
  bool* destroyed_ = nullptr;  // set while on_alarm runs: the reply may destroy this call inside any of its functions
};

void SimulatedCall::prepare_error(int status, std::string_view message) {
  prepare_json();
  status_ = status;
  append_simulated_error(pieces_.emplace_back(), status, message);
}

void SimulatedCall::prepare_stream(const SimulatedScript& script, const SimulatedRequest& request) {
  const SimulatedTokens tokens = simulated_tokens(script, request);
  const bool stops_early = script.fault == SimulatedFault::error_mid_stream || script.fault == SimulatedFault::cut ||
                           script.fault == SimulatedFault::no_finish;
  const std::size_t count = stops_early ? (tokens.tokens.size() + 1) / 2 : tokens.tokens.size();
  for (std::size_t i = 0; i < count; ++i) {
    std::string& piece = pieces_.emplace_back();
    for (std::int64_t c = 0; c < request.choices; ++c)
      append_simulated_chunk(piece, request, c, i == 0, tokens.tokens[i]);
  }
  if (script.fault == SimulatedFault::error_mid_stream) {
    std::string& piece = pieces_.emplace_back("data: ");
    append_simulated_error(piece, 502, "the simulated provider failed in the middle");
    piece += "\n\n";
    return;
  }
  if (stops_early) {
    breaks_at_end_ = script.fault == SimulatedFault::cut;
    return;
  }
  std::string& last = pieces_.emplace_back();
  for (std::int64_t c = 0; c < request.choices; ++c) append_simulated_finish(last, request, c, tokens.cut);
  if (request.include_usage && script.fault != SimulatedFault::no_usage) append_simulated_usage(last, request, tokens);
  if (script.fault == SimulatedFault::no_done) {
    breaks_at_end_ = true;
  } else {
    last += "data: [DONE]\n\n";
  }
}

void SimulatedCall::prepare_chat(const SimulatedScript& script, const SimulatedRequest& request) {
  if (request.stream) return prepare_stream(script, request);
  prepare_json();
  const SimulatedTokens tokens = simulated_tokens(script, request);
  std::string& body = pieces_.emplace_back();
  append_simulated_completion(body, request, tokens, script.fault != SimulatedFault::no_usage);
  if (script.fault == SimulatedFault::cut) {
    body.resize(body.size() / 2);
    breaks_at_end_ = true;
  }
}

void SimulatedCall::prepare(const UpstreamRequest& request) {
  if (request.method == "GET" && request.path.ends_with("/models")) {
    prepare_json();
    append_simulated_models(pieces_.emplace_back());
    timer_.arm(*this, timer_.now());
    return;
  }
  std::string body;
  for (const std::string_view piece : request.body) body += piece;
  const Endpoint endpoint = request.path.ends_with("/embeddings") ? Endpoint::embeddings : Endpoint::chat_completions;
  const auto asked = read_simulated_request(endpoint, body);
  const auto script = asked ? parse_simulated_model(asked->model) : Result<SimulatedScript>(asked.error());
  Duration first{};
  if (!script) {
    prepare_error(script.error().code == ErrorCode::not_found ? 404 : 400, script.error().detail);
  } else {
    delay_ = script->delay;
    first = script->first;
    hangs_ = script->fault == SimulatedFault::hang;
    breaks_before_head_ = script->fault == SimulatedFault::reset;
    if (script->retry_after) retry_after_ = std::to_string(*script->retry_after);
    if (script->status != 200) {
      prepare_error(script->status, "the simulated provider was asked to fail");
    } else if (script->fault == SimulatedFault::html) {
      content_type_ = "text/html";
      pieces_.emplace_back("<html><body><h1>It works!</h1></body></html>");
    } else if (script->fault == SimulatedFault::empty) {
      prepare_json();
    } else if (script->fault == SimulatedFault::error_in_200) {
      prepare_error(503, "the simulated provider failed with status 200");
      status_ = 200;
    } else if (endpoint == Endpoint::embeddings) {
      prepare_json();
      append_simulated_embeddings(pieces_.emplace_back(), *asked);
    } else {
      prepare_chat(*script, *asked);
    }
  }
  timer_.arm(*this, timer_.now() + first);
}

void SimulatedCall::on_alarm() {
  if (hangs_ || paused_) return;
  if (breaks_before_head_) return reply_.on_end(Error{ErrorCode::lost, "the simulated connection broke"});
  bool gone = false;
  destroyed_ = &gone;
  if (!head_sent_) {
    head_sent_ = true;
    const HeaderField fields[] = {{"content-type", content_type_}, {"retry-after", retry_after_}};
    reply_.on_head({status_, HeaderSpan(fields, retry_after_.empty() ? 1 : 2)});
    if (gone) return;
  }
  while (next_ < pieces_.size()) {
    const Flow flow = reply_.on_body(pieces_[next_++]);
    if (gone) return;
    if (flow == Flow::pause) {
      paused_ = true;
      break;
    }
    if (delay_ > Duration{} && next_ < pieces_.size()) {
      timer_.arm(*this, timer_.now() + delay_);
      break;
    }
  }
  destroyed_ = nullptr;
  if (paused_ || armed()) return;
  if (breaks_at_end_) return reply_.on_end(Error{ErrorCode::lost, "the simulated connection broke"});
  reply_.on_end({});
}

}  // namespace

std::unique_ptr<Call> SimulatedUpstream::start(const UpstreamRequest& request, UpstreamReply& reply) {
  auto call = std::make_unique<SimulatedCall>(timer_, reply);
  call->prepare(request);
  return call;
}

}  // namespace gateway
