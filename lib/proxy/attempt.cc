#include "proxy/attempt.h"

#include <algorithm>

#include "base/text.h"
#include "proxy/row_model.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;

constexpr std::size_t kMaxDocument = 64 * 1024 * 1024;
constexpr std::size_t kMaxErrorDocument = 64 * 1024;
constexpr std::size_t kLoggedOfGarbage = 512;
constexpr auto kSilence = std::chrono::seconds(15);
// Systems report what a client reads in steps of up to 128 KiB: one that reads 5 KiB a second is silent for so long.
constexpr auto kSlowReader = std::chrono::seconds(30);
// How long the end of the body may take to follow [DONE]: waiting for it lets the connection be used again.
constexpr auto kLinger = std::chrono::milliseconds(250);

bool has_media_type(std::string_view content_type, std::string_view type) noexcept {
  const std::string_view bare = trimmed(content_type.substr(0, content_type.find(';')));
  return equal_ignoring_case(bare, type);
}

// Whether the provider may have done, and billed, something.
Ending ending_of(Kind kind) noexcept {
  return kind == Kind::timeout || kind == Kind::lost ? Ending::cut_off : Ending::refused;
}

bool counts_against_target(Kind kind) noexcept {
  return kind == Kind::connect || kind == Kind::timeout || kind == Kind::lost || kind == Kind::server_error;
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
      deadline_(deadline) {
  observed_.input_estimate = facts.input_estimate;
  observed_.images = facts.images;
  observed_.audios = facts.audios;
  if (facts.files == 0) observed_.text_bound = facts.input_bound;
}

// Breaks the call off. What never left us costs nothing.
Ending Attempt::cut_off() {
  const bool seen = !call_ || call_->sent();
  call_.reset();
  return seen ? Ending::cut_off : Ending::refused;
}

void Attempt::abandon() {
  const Ending ending = cut_off();
  if (settled_) return;
  row_.flags |= row_flag::client_left;
  plan_.health->on_cancelled(plan_.pass);
  settle(RowState::settled, ending, "client_left");
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
                                  .write_max_tokens = plan_.write_max_tokens},
                                 texts_, out);
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
  last_bytes_ = last_sent_ = worker_.timer.now();
  call_->resume();
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
  if (status_ == 200 && facts_.stream && has_media_type(content_type, "text/event-stream")) {
    mode_ = Mode::stream;
  } else {
    mode_ = Mode::document;
    document_.emplace(worker_.buffers);
  }
  arm();
}

Flow Attempt::on_body(std::string_view bytes) {
  last_bytes_ = worker_.timer.now();
  if (mode_ == Mode::document) {
    const std::size_t limit = status_ == 200 ? kMaxDocument : kMaxErrorDocument;
    if ((*document_)->size() + bytes.size() > limit) {
      fail(Kind::server_error, status_ == 200 ? Ending::cut_off : Ending::refused, api_error::provider_error());
      return Flow::more;
    }
    (*document_)->append(bytes);
    events_.on_gathered((*document_)->size());
    return Flow::more;
  }
  scanner_.push(bytes);
  SseEvent event;
  while (scanner_.next(event)) {
    if (!take_event(event, bytes)) return Flow::more;
  }
  flush();
  if (scanner_.too_large()) {
    fail(Kind::server_error, Ending::cut_off, api_error::provider_error());
    return Flow::more;
  }
  return paused_ ? Flow::pause : Flow::more;
}

void Attempt::on_end(Result<void> result) {
  last_bytes_ = worker_.timer.now();
  if (mode_ == Mode::stream) return end_of_stream(result);
  if (result) return end_of_document();
  worker_.core.log(LogLevel::warning, plan_.provider->config.name + ": " + result.error().detail, row_.request.text());
  const Kind kind = failure_kind(result.error().code);
  fail(kind, ending_of(kind), kind == Kind::timeout ? api_error::provider_timeout() : api_error::provider_error());
}

// --- a document -----------------------------------------------------------------------------------------------------

void Attempt::end_of_document() {
  const PaddedBuffer& body = **document_;
  AnswerFacts& facts = worker_.facts;
  worker_.answers.read(body, facts);
  if (status_ != 200) return fail_with_status(status_, facts.has_error ? facts.error : ProviderError{});
  if (facts.is_object) note(facts);
  if (facts.has_error) return fail_with_status(facts.error.status == 0 ? 502 : facts.error.status, facts.error);
  const bool usable = facts.is_object && (row_.endpoint == Endpoint::embeddings ? facts.has_data : facts.has_choices);
  if (!usable) {
    const std::string start(body.view().substr(0, kLoggedOfGarbage));
    worker_.core.log(LogLevel::warning, plan_.provider->config.name + ": status 200 without a usable answer: " + start,
                     row_.request.text());
    return fail(Kind::server_error, Ending::refused, api_error::provider_error());
  }
  observed_.emitted_bytes = facts.content_bytes;
  plan_.health->on_success();
  settle(RowState::settled, Ending::whole, {});
  return events_.on_answer(body);
}

// --- what was learnt ------------------------------------------------------------------------------------------------

void Attempt::note(const AnswerFacts& facts) {
  if (row_.generation_id.empty() && !facts.id.empty()) row_.generation_id = facts.id;
  if (!facts.model.empty()) row_.served_model = row_model(facts.model);
  if (!facts.finish_reason.empty()) {
    row_.finish_reason = facts.finish_reason;
    finish_seen_ = true;
  }
  if (facts.usage_odd) observed_.usage_odd = true;
  if (facts.has_usage) {
    if (observed_.usage && *observed_.usage != facts.usage) observed_.usage_odd = true;  // repeated, and not the same
    observed_.usage = facts.usage;
  }
  if (facts.cost) {
    observed_.cost = facts.cost;
    observed_.upstream_cost = facts.upstream_cost;
    observed_.byok = facts.is_byok;
  }
}

// --- the ends -------------------------------------------------------------------------------------------------------

void Attempt::fail_with_status(int status, const ProviderError& error) {
  const std::string& name = plan_.provider->config.name;
  const auto log = [&](std::string_view what) {
    worker_.core.log(LogLevel::warning, name + ": " + std::string(what) + " (" + std::to_string(status) + ")",
                     row_.request.text());
  };
  const Ending ending = observed_.emitted_events > 0 ? Ending::cut_off : Ending::refused;
  const bool ours = status == 401 || status == 402 || (status == 403 && !error.moderation);
  if (ours) {
    log("provider refuses our credentials or credit");
    return fail(Kind::credentials, ending, api_error::provider_unavailable());
  }
  if (status == 429) {
    log("provider's rate limit");
    return fail(Kind::rate_limited, ending, api_error::provider_rate_limited(retry_after_));
  }
  if (status >= 400 && status < 500 && status != 408) {
    return fail(Kind::client_fault, ending, api_error::from_provider(status, error));
  }
  log("provider failed");
  const bool timed_out = status == 408 || status == 504 || status == 524;
  return fail(timed_out ? Kind::timeout : Kind::server_error, ending,
              timed_out ? api_error::provider_timeout() : api_error::provider_error());
}

void Attempt::fail(Kind kind, Ending ending, ApiError error) {
  const TimePoint now = worker_.timer.now();
  if (kind == Kind::rate_limited) {
    plan_.health->on_rate_limited(plan_.pass, now, retry_after_);
  } else if (counts_against_target(kind)) {
    plan_.health->on_failure(plan_.pass, now);
  } else {
    plan_.health->on_success();
  }
  flush();
  const bool after_first_byte = committed_;
  settle(after_first_byte ? RowState::settled : RowState::failed, ending, error.code);
  call_.reset();
  if (after_first_byte) return events_.on_broken(std::move(error));
  return events_.on_failed({.kind = kind, .retry_after = retry_after_}, std::move(error));
}

void Attempt::settle(RowState state, Ending ending, std::string_view error_code) {
  settled_ = true;
  alarm_.disarm();
  observed_.ending = ending;
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

// --- time -----------------------------------------------------------------------------------------------------------

void Attempt::arm() {
  const TimePoint limit =
      mode_ == Mode::waiting ? dispatched_ + plan_.timeouts.first_byte : last_bytes_ + plan_.timeouts.idle;
  TimePoint next = std::min(limit, deadline_);
  if (done_) next = std::min(next, last_bytes_ + kLinger);
  if (facts_.stream && mode_ != Mode::document && !paused_ && !done_) next = std::min(next, last_sent_ + kSilence);
  worker_.timer.arm(alarm_, next);
}

// Armed lazily: bytes that come only move the marks, and the alarm looks at them when it rings.
void Attempt::on_time() {
  const TimePoint now = worker_.timer.now();
  if (done_ && now >= last_bytes_ + kLinger) {
    call_.reset();
    return succeed_stream();
  }
  if (paused_ && now >= last_sent_ + std::max<Duration>(plan_.timeouts.idle, kSlowReader)) {
    call_.reset();
    row_.flags |= row_flag::client_left;
    plan_.health->on_cancelled(plan_.pass);
    settle(RowState::settled, Ending::cut_off, "client_left");
    return events_.on_client_stuck();
  }
  const bool no_head = mode_ == Mode::waiting && now >= dispatched_ + plan_.timeouts.first_byte;
  const bool idle = mode_ != Mode::waiting && !paused_ && now >= last_bytes_ + plan_.timeouts.idle;
  if (now >= deadline_ || no_head || idle) {
    if (mode_ == Mode::stream && finish_seen_) {
      call_.reset();
      return succeed_stream();
    }
    return fail(Kind::timeout, cut_off(), api_error::provider_timeout());
  }
  if (facts_.stream && mode_ != Mode::document && !paused_ && now >= last_sent_ + kSilence) {
    committed_ = true;
    last_sent_ = now;
    if (events_.on_stream(": keep-alive\n\n") == Flow::pause) paused_ = true;
  }
  arm();
}

}  // namespace gateway
