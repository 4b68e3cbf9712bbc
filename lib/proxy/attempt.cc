#include "proxy/attempt.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "proxy/row_model.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;

constexpr std::size_t kLoggedOfGarbage = 512;
// A key that was refused, or an account without credit, stays so for a while.
constexpr auto kCredentialsCool = std::chrono::seconds(30);

bool is_complete(const PaddedBuffer& document) {
  DocumentScan scan;
  scan.push(document.view());
  return scan.complete();
}

bool has_media_type(std::string_view content_type, std::string_view type) noexcept {
  const std::string_view bare = trimmed(content_type.substr(0, content_type.find(';')));
  return equal_ignoring_case(bare, type);
}

// Whether the provider may have done, and billed, something.
Ending ending_of(Kind kind) noexcept {
  return kind == Kind::lost || kind == Kind::limit_reached ? Ending::cut_off : Ending::refused;
}

// Figures that grow from event to event are so far; one that falls is odd.
bool shrinks(const Usage& before, const Usage& now) noexcept {
  return now.input < before.input || now.output < before.output || now.cached_input < before.cached_input ||
         now.cache_write < before.cache_write || now.reasoning < before.reasoning;
}

void hide(std::string& text, std::string_view secret) {
  constexpr std::size_t kLeastSecret = 8;
  if (secret.size() < kLeastSecret) return;
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;)
    text.replace(at, secret.size(), "[redacted]");
}

// Also a 429, if it is about this request's own size.
ApiError final_refusal(int status, const ProviderError& error) {
  ApiError refusal = api_error::from_provider(status, error);
  refusal.should_not_retry = true;
  return refusal;
}

// Providers repeat the key that they were given in some of their errors.
void hide(ProviderError& error, std::string_view secret) {
  for (std::string* text : {&error.message, &error.more, &error.code, &error.type, &error.param, &error.rest})
    hide(*text, secret);
}

// A time limit of ours says as much of the request as of the target: it opens no breaker for others.
bool counts_against_target(Kind kind) noexcept {
  return kind == Kind::connect || kind == Kind::timeout || kind == Kind::lost || kind == Kind::overloaded ||
         kind == Kind::server_error || kind == Kind::forbidden;
}

std::optional<TargetHealth::Cooling> cooling_after(Kind kind) noexcept {
  switch (kind) {
    case Kind::rate_limited:
      return TargetHealth::Cooling::rate_limited;
    case Kind::overloaded:
      return TargetHealth::Cooling::overloaded;
    case Kind::credentials:
      return TargetHealth::Cooling::credentials;
    default:
      return std::nullopt;
  }
}

}  // namespace

Attempt::Attempt(GatewayWorker& worker, AttemptEvents& events, const RequestFacts& facts, std::string_view body,
                 const AttemptPlan& plan, Row& row, SpendHold hold, TimePoint deadline)
    : worker_(worker),
      events_(events),
      facts_(facts),
      body_(body),
      plan_(plan),
      row_(row),
      hold_(std::move(hold)),
      scanner_(static_cast<std::size_t>(plan.max_event)),
      deadline_(std::min(deadline, worker.timer.now() + plan.timeouts.total)) {
  observed_.input_estimate = facts.input_estimate;
  observed_.images = facts.images;
  observed_.audios = facts.audios;
  observed_.asked = plan.beside;
  observed_.output_bound = plan.output_bound;
  if (facts.files == 0) observed_.text_bound = facts.input_bound;
}

// Ends the call. What never left us costs nothing; an answer in one piece that we did not wait for costs its hold,
// unless it said before what it used: its provider may have made all of it.
Ending Attempt::cut_off() {
  const bool seen = !call_ || call_->sent();
  call_.reset();
  if (!facts_.stream) observed_.unseen_cost = row_.hold;
  AnswerFacts facts;
  note_unfinished(facts);
  return seen ? Ending::cut_off : Ending::refused;
}

void Attempt::abandon() {
  if (settled_) return call_.reset();
  row_.flags |= row_flag::client_left;
  plan_.health->on_cancelled(plan_.pass);
  settle(RowState::settled, cut_off(), "client_left");
}

void Attempt::start() {
  dispatched_ = last_bytes_ = last_sent_ = worker_.timer.now();
  row_.dispatched = worker_.timer.wall();
  worker_.journal.open(row_);

  DialectOutput& out = worker_.outgoing;
  out.clear();
  plan_.provider->dialect->write(*plan_.provider,
                                 {.endpoint = row_.endpoint,
                                  .facts = &facts_,
                                  .target_model = plan_.target_model,
                                  .write_max_tokens = plan_.write_max_tokens,
                                  .length_field = plan_.target->length_field,
                                  .ask_usage = plan_.target->ask_usage},
                                 texts_, out);
  asked_usage_ = out.asked_usage;
  call_ = worker_.upstream_for(*plan_.provider)
              .start({.origin = &plan_.provider->base.origin,
                      .method = "POST",
                      .path = out.path,
                      .headers = out.fields.span(),
                      .body = out.splice.pieces(body_),
                      .connect_timeout = plan_.timeouts.connect},
                     *this);
  arm();
}

void Attempt::resume() {
  if (!paused_) return;
  paused_ = false;
  last_sent_ = worker_.timer.now();
  return go_on();
}

void Attempt::go_on() {
  last_bytes_ = worker_.timer.now();
  arm();
  if (flow() == Flow::more) call_->resume();
}

void Attempt::reader_goes_on() noexcept {
  if (paused_) paused_at_ = worker_.timer.now();
}

// --- what comes back ------------------------------------------------------------------------------------------------

void Attempt::on_head(const UpstreamHead& head) {
  last_bytes_ = worker_.timer.now();
  status_ = head.status;
  row_.status = head.status;
  row_.first_byte = worker_.timer.wall();
  if (const auto id = header_value(head.headers, "x-generation-id"); !id.empty()) row_.generation_id = id;
  const std::string_view content_type = header_value(head.headers, "content-type");
  if (status_ == 429 || status_ == 503 || status_ == 529) {
    retry_after_ = parse_retry_after(header_value(head.headers, "retry-after"),
                                     header_value(head.headers, "retry-after-ms"), worker_.timer.wall());
  }
  says_events_ = has_media_type(content_type, "text/event-stream");
  if (status_ == 200 && facts_.stream) {
    mode_ = Mode::unjudged;
  } else {
    mode_ = Mode::document;
    document_.emplace(worker_.buffers);
  }
  arm();
}

Flow Attempt::on_body(std::string_view bytes) {
  last_bytes_ = worker_.timer.now();
  if (mode_ == Mode::unjudged && !take_kind(bytes)) return Flow::more;
  if (mode_ == Mode::relayed) return relay_document(bytes);
  if (mode_ == Mode::document) {
    begin_answer();
    return take_document(bytes);
  }
  scanner_.push(bytes);
  SseEvent event;
  while (scanner_.next(event)) {
    if (!take_event(event, bytes)) return Flow::more;
  }
  flush();
  count_carried();
  if (done_) {
    // What is left of the body is nobody's business but the connection's.
    worker_.upstream_for(*plan_.provider).drain(std::move(call_));
    succeed_stream();
    return Flow::more;
  }
  if (scanner_.too_large()) {
    fail(Kind::server_error, Ending::cut_off, api_error::provider_error(), true);
    return Flow::more;
  }
  return flow();
}

void Attempt::on_end(Result<void> result) {
  last_bytes_ = worker_.timer.now();
  if (mode_ == Mode::stream) return end_of_stream(result);
  if (mode_ == Mode::relayed) return end_of_relayed(result);
  if (mode_ == Mode::unjudged) {
    document_.emplace(worker_.buffers);
    (*document_)->append(beginning_);
  }
  // What came last may be only the connection's end, after a document that is complete.
  if (result || (status_ == 200 && is_complete(**document_))) return end_of_document();
  AnswerFacts facts;
  note_unfinished(facts);
  worker_.core.log(LogLevel::warning, plan_.provider->config.name + ": " + result.error().detail, row_.request.text());
  const Kind kind = failure_kind(result.error().code);
  fail(kind, ending_of(kind), api_error::provider_error());
}

// --- what was learnt ------------------------------------------------------------------------------------------------

void Attempt::note(const AnswerFacts& facts) {
  if (row_.generation_id.empty() && !facts.id.empty()) row_.generation_id = facts.id;
  if (!facts.model.empty()) row_.served_model = row_model(facts.model);
  if (!facts.finish_reason.empty()) {
    row_.finish_reason = facts.finish_reason;
  }
  begun_ |= facts.begun;
  finished_ |= facts.finished;
  if (facts.usage_odd) observed_.usage_odd = true;
  if (!facts.service_tier.empty()) observed_.service_tier = facts.service_tier;
  if (facts.has_usage) {
    if (observed_.usage && shrinks(*observed_.usage, facts.usage)) observed_.usage_odd = true;
    observed_.usage = facts.usage;
    observed_.audio_output = facts.audio_output;
    observed_.image_output = facts.image_output;
  }
  if (facts.cost) {
    observed_.cost = facts.cost;
    observed_.upstream_cost = facts.upstream_cost;
    observed_.byok = facts.is_byok;
  }
}

// --- the ends -------------------------------------------------------------------------------------------------------

void Attempt::fail_by(const Judgement& judgement) {
  ProviderError& error = worker_.facts.error;
  hide(error, plan_.provider->config.api_key.reveal());
  const Ending ending = !first_chunk_ ? Ending::cut_off : Ending::refused;
  const auto [what, answer] = [&]() -> std::pair<std::string_view, ApiError> {
    switch (judgement.kind) {
      case Kind::credentials:
        return {"provider refuses our credentials or credit", api_error::provider_unavailable()};
      case Kind::forbidden:
        return {"provider refuses access", api_error::provider_unavailable()};
      case Kind::request_refused:
        return {"provider refuses this request",
                judgement.status >= 500 ? api_error::provider_error(error) : api_error::provider_unavailable()};
      case Kind::rate_limited:
        return {"provider's rate limit", api_error::provider_rate_limited(retry_after_)};
      case Kind::client_fault:
        return {"provider refuses the request", final_refusal(judgement.status, error)};
      case Kind::timeout:
        return {"provider failed", api_error::provider_timeout()};
      default:
        return {"provider failed", api_error::provider_error(error)};
    }
  }();
  std::string text = plan_.provider->config.name;
  text.append(": ").append(what).append(" (").append(std::to_string(judgement.status)).append(")");
  if (const std::string reason = whole_reason(error); !reason.empty()) {
    text.append(": ").append(std::string_view(reason).substr(0, kLoggedOfGarbage));
  }
  worker_.core.log(LogLevel::warning, std::move(text), row_.request.text());
  return fail(judgement.kind, ending, answer, !judgement.may_follow);
}

void Attempt::fail(Kind kind, Ending ending, ApiError error, bool final) {
  const TimePoint now = worker_.timer.now();
  if (counts_against_target(kind)) plan_.health->on_failure(plan_.pass, now);
  if (const auto why = cooling_after(kind)) {
    plan_.health->on_cooling(plan_.pass, now, *why, kind == Kind::credentials ? kCredentialsCool : retry_after_);
  }
  if (kind == Kind::client_fault) plan_.health->on_success();
  plan_.health->on_cancelled(plan_.pass);
  if (ending == Ending::cut_off) error.should_not_retry = true;  // it may be billed, and would be again
  flush();
  const bool after_first_byte = committed_;
  settle(after_first_byte ? RowState::settled : RowState::failed, ending, error.code);
  call_.reset();
  if (after_first_byte) return events_.on_broken(std::move(error));
  return events_.on_failed({.kind = kind, .final = final}, std::move(error));
}

void Attempt::settle(RowState state, Ending ending, std::string_view error_code) {
  settled_ = true;
  waits_for_room_ = false;
  alarm_.disarm();
  observed_.ending = ending;
  if (scan_) weight_ = scan_->weight();
  observed_.emitted_bytes = weight_.bytes();
  observed_.emitted_events = weight_.pieces;
  const Settlement result = gateway::settle(observed_, plan_.prices, row_.accepted);
  row_.state = state;
  row_.usage = result.usage;
  row_.cost = result.cost;
  row_.upstream_cost = result.upstream_cost;
  row_.cost_source = result.source;
  row_.flags |= result.flags;
  row_.error_code = error_code;
  row_.ended = worker_.timer.wall();
  if (plan_.capped && result.cost > row_.hold) row_.flags |= row_flag::over_hold;
  const bool ask_later = ending == Ending::cut_off && !observed_.cost && !row_.generation_id.empty() &&
                         plan_.provider->dialect->tells_cost_later();
  if (ask_later) row_.flags |= row_flag::backfill_pending;
  hold_.settle(result.cost);
  worker_.journal.settle(row_);
  settled_at_ = worker_.journal.appended();
  if (ask_later) worker_.backfill.add(row_);
}

}  // namespace gateway
