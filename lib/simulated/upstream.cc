#include "simulated/upstream.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chat/endpoint.h"
#include "simulated/answer.h"
#include "simulated/operations.h"

namespace gateway {
namespace {

// How much is made before the loop has its turn again.
constexpr std::size_t kMadePerTurn = 64 * 1024;

// An answer in pieces. One is made when it is due, in place of the one before.
class Pieces {
 public:
  virtual ~Pieces() = default;
  virtual bool next(std::string& piece) = 0;  // false: that was the last
};

class OnePiece final : public Pieces {
 public:
  explicit OnePiece(std::string text) : text_(std::move(text)) {}
  bool next(std::string& piece) override {
    piece = std::move(text_);
    text_.clear();
    return !piece.empty();
  }

 private:
  std::string text_;
};

class ListedPieces final : public Pieces {
 public:
  explicit ListedPieces(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  bool next(std::string& piece) override {
    if (next_ == pieces_.size()) return false;
    piece = std::move(pieces_[next_++]);
    return true;
  }

 private:
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
};

// By the path; the longest comes first in the table.
Operation operation_at(std::string_view path) noexcept {
  for (const EndpointInfo& each : endpoints()) {
    if (path.ends_with(each.path)) return each.operation;
  }
  return Operation::chat;
}

class Embeddings final : public Pieces {
 public:
  explicit Embeddings(SimulatedRequest request) : request_(std::move(request)) {}
  bool next(std::string& piece) override {
    piece.clear();
    if (next_ > request_.inputs.size()) return false;
    if (next_ < request_.inputs.size()) {
      append_simulated_embedding(piece, request_, next_);
    } else {
      append_simulated_embeddings_end(piece, request_);
    }
    ++next_;
    return true;
  }

 private:
  SimulatedRequest request_;
  std::size_t next_ = 0;
};

// In pieces that grow until they are worth a call.
class Completion final : public Pieces {
 public:
  Completion(const SimulatedScript& script, SimulatedRequest request)
      : script_(script), request_(std::move(request)), all_(script_, request_), tokens_(all_) {
    // A cut answer ends within its first choice.
    if (script_.fault == SimulatedFault::cut) left_ = all_.count() / 2;
  }
  bool next(std::string& piece) override {
    piece.clear();
    while (part_ != Part::over && piece.size() < kMadePerTurn) append_part(piece);
    return !piece.empty();
  }

 private:
  enum class Part : std::uint8_t { head, choice, text, end, over };

  void append_part(std::string& piece) {
    switch (part_) {
      case Part::head:
        append_simulated_completion_head(piece, request_);
        part_ = Part::choice;
        break;
      case Part::choice:
        append_simulated_choice_head(piece, request_, choice_);
        tokens_ = all_;
        part_ = Part::text;
        break;
      case Part::text:
        if (left_ && (*left_)-- == 0) {
          part_ = Part::over;
        } else if (tokens_.next(token_)) {
          append_simulated_text(piece, token_);
        } else {
          append_simulated_choice_end(piece, request_, all_.cut());
          part_ = ++choice_ < request_.choices ? Part::choice : Part::end;
        }
        break;
      case Part::end:
        append_simulated_completion_end(piece, request_, all_, script_.fault != SimulatedFault::no_usage);
        part_ = Part::over;
        break;
      case Part::over:
        break;
    }
  }

  const SimulatedScript script_;
  const SimulatedRequest request_;
  const SimulatedTokens all_;
  SimulatedTokens tokens_;  // of this choice
  std::string token_;
  std::int64_t choice_ = 0;
  std::optional<std::int64_t> left_;  // tokens before it is cut
  Part part_ = Part::head;
};

class ChatStream final : public Pieces {
 public:
  ChatStream(const SimulatedScript& script, SimulatedRequest request)
      : script_(script), request_(std::move(request)), tokens_(script_, request_) {
    stops_early_ = script_.fault == SimulatedFault::error_mid_stream || script_.fault == SimulatedFault::cut ||
                   script_.fault == SimulatedFault::no_finish;
    left_ = stops_early_ ? (tokens_.count() + 1) / 2 : tokens_.count();
  }
  bool next(std::string& piece) override {
    piece.clear();
    if (ended_) return false;
    if (left_ == 0) {
      ended_ = true;
      append_end(piece);
      return !piece.empty();
    }
    --left_;
    tokens_.next(token_);
    for (std::int64_t c = 0; c < request_.choices; ++c) append_simulated_chunk(piece, request_, c, first_, token_);
    first_ = false;
    return true;
  }

 private:
  void append_end(std::string& piece) {
    if (script_.fault == SimulatedFault::error_mid_stream) {
      piece += "data: ";
      append_simulated_error(piece, 502, "the simulated provider failed in the middle");
      piece += "\n\n";
    }
    if (stops_early_) return;
    for (std::int64_t c = 0; c < request_.choices; ++c) append_simulated_finish(piece, request_, c, tokens_.cut());
    if (request_.include_usage && script_.fault != SimulatedFault::no_usage) {
      append_simulated_usage(piece, request_, tokens_);
    }
    if (script_.fault != SimulatedFault::no_done) piece += "data: [DONE]\n\n";
  }

  const SimulatedScript script_;
  const SimulatedRequest request_;
  SimulatedTokens tokens_;
  std::string token_;
  std::int64_t left_ = 0;
  bool stops_early_ = false, first_ = true, ended_ = false;
};

// One answer, with a pause before each piece.
class SimulatedCall final : public Call, private Alarm {
 public:
  SimulatedCall(Timer& timer, UpstreamReply& reply) : timer_(timer), reply_(reply) {}
  ~SimulatedCall() override {
    if (destroyed_ != nullptr) *destroyed_ = true;
  }

  void prepare(const UpstreamRequest& request);
  bool holds_body() const noexcept override { return false; }  // it is read within start()
  void resume() override {
    paused_ = false;
    if (!armed()) timer_.arm(*this, timer_.now());
  }

 private:
  void on_alarm() override;
  void prepare_answer(Operation operation, const SimulatedScript& script, SimulatedRequest request);
  void prepare_text(std::string text, std::string content_type) {
    pieces_ = std::make_unique<OnePiece>(std::move(text));
    content_type_ = std::move(content_type);
  }
  void prepare_error(int status, std::string_view message, std::string_view param = {}) {
    std::string text;
    append_simulated_error(text, status, message, param);
    prepare_text(std::move(text), "application/json");
    status_ = status;
  }

  Timer& timer_;
  UpstreamReply& reply_;
  int status_ = 200;
  std::string content_type_ = "application/json";
  std::string retry_after_;
  std::unique_ptr<Pieces> pieces_;  // null: none come
  std::string piece_;               // the next one, if has_piece_
  bool has_piece_ = false;
  Duration delay_{};
  bool head_sent_ = false;
  bool hangs_ = false;
  bool breaks_before_head_ = false;
  bool breaks_at_end_ = false;
  bool paused_ = false;
  bool* destroyed_ = nullptr;  // set while on_alarm runs: the reply may destroy this call inside any of its functions
};

void SimulatedCall::prepare_answer(Operation operation, const SimulatedScript& script, SimulatedRequest request) {
  if (operation == Operation::embeddings) {
    pieces_ = std::make_unique<Embeddings>(std::move(request));
    return;
  }
  if (operation != Operation::chat) {
    SimulatedAnswer answer = make_simulated_answer(operation, script, request);
    if (answer.content_type != "text/event-stream") delay_ = {};
    content_type_ = std::move(answer.content_type);
    breaks_at_end_ = answer.breaks_at_end;
    pieces_ = std::make_unique<ListedPieces>(std::move(answer.pieces));
    return;
  }
  breaks_at_end_ = script.fault == SimulatedFault::cut || (request.stream && script.fault == SimulatedFault::no_done);
  if (request.stream) {
    content_type_ = "text/event-stream";
    pieces_ = std::make_unique<ChatStream>(script, std::move(request));
  } else {
    delay_ = {};  // it is one answer, however many pieces it is made in
    pieces_ = std::make_unique<Completion>(script, std::move(request));
  }
}

void SimulatedCall::prepare(const UpstreamRequest& request) {
  if (request.method == "GET" && request.path.ends_with("/models")) {
    std::string list;
    append_simulated_models(list);
    prepare_text(std::move(list), "application/json");
    timer_.arm(*this, timer_.now());
    return;
  }
  std::string body;
  for (const std::string_view piece : request.body) body += piece;
  const Operation operation = operation_at(request.path);
  SimulatedRequest asked;
  BadRequest why;
  timer_.arm(*this, timer_.now());
  const bool is_read =
      info_of(operation).body == EndpointInfo::Body::multipart
          ? read_simulated_form(operation, header_value(request.headers, "content-type"), body, asked, why)
          : read_simulated_request(operation, body, asked, why);
  if (!is_read) return prepare_error(400, why.message, why.param);
  const auto script = parse_simulated_model(asked.model);
  if (!script) {
    return prepare_error(script.error().code == ErrorCode::not_found ? 404 : 400, script.error().detail, "model");
  }
  if (!fits_simulation(operation, *script, asked, why)) return prepare_error(400, why.message, why.param);
  timer_.arm(*this, timer_.now() + script->first);
  delay_ = script->delay;
  hangs_ = script->fault == SimulatedFault::hang;
  breaks_before_head_ = script->fault == SimulatedFault::reset;
  if (script->retry_after) retry_after_ = std::to_string(*script->retry_after);
  if (script->status != 200) {
    prepare_error(script->status, "the simulated provider was asked to fail");
  } else if (script->fault == SimulatedFault::html) {
    prepare_text("<html><body><h1>It works!</h1></body></html>", "text/html");
  } else if (script->fault == SimulatedFault::error_in_200) {
    prepare_error(503, "the simulated provider failed with status 200");
    status_ = 200;
  } else if (script->fault != SimulatedFault::empty) {
    prepare_answer(operation, *script, std::move(asked));
  }
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
    has_piece_ = pieces_ != nullptr && pieces_->next(piece_);
  }
  std::size_t made = 0;
  while (has_piece_) {
    made += piece_.size();
    const Flow flow = reply_.on_body(piece_);
    if (gone) return;
    has_piece_ = pieces_->next(piece_);
    if (flow == Flow::pause) {
      paused_ = true;
      break;
    }
    if (has_piece_ && (delay_ > Duration{} || made >= kMadePerTurn)) {
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
