#include "proxy/attempt.h"

#include <algorithm>
#include <utility>

#include "base/row_model.h"
#include "providers/judgement.h"
#include "proxy/hold_input.h"
#include "proxy/target_request.h"

namespace gateway {
namespace {
using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;

constexpr std::size_t kLoggedOfReason = 512;
// A key that was refused, or an account without credit, stays so for a while.
constexpr auto kCredentialsCool = std::chrono::seconds(30);

// Also a 429, if it is about this request's own size.
ApiError final_refusal(int status, const ProviderError& error) {
  ApiError refusal = api_error::from_provider(status, error);
  refusal.should_not_retry = true;
  return refusal;
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

struct Answered {
  std::string_view what;  // for the log
  ApiError error;         // for the client
};

Answered answered(const AnswerFault& fault, std::optional<std::chrono::milliseconds> retry_after) {
  const ProviderError& error = *fault.error;
  switch (fault.kind) {
    case Kind::credentials:
      return {"provider refuses our credentials or credit", api_error::provider_unavailable()};
    case Kind::forbidden:
      return {"provider refuses access", api_error::provider_unavailable()};
    case Kind::request_refused:
      return {"provider refuses this request",
              fault.status >= 500 ? api_error::provider_error(error) : api_error::provider_unavailable()};
    case Kind::rate_limited:
      return {"provider's rate limit", api_error::provider_rate_limited(retry_after)};
    case Kind::client_fault:
      return {"provider refuses the request", final_refusal(fault.status, error)};
    case Kind::timeout:
      return {"provider failed", api_error::provider_timeout()};
    default:
      return {"provider failed", api_error::provider_error(error)};
  }
}

// What an operator is to look at if the provider's address may be wrong; empty: it is not that.
std::string hint_for(int status, std::string_view base_url) {
  const bool redirects = status >= 300 && status < 400;
  if (!redirects && status != 404 && status != 405) return {};
  return std::string(redirects ? "; redirects are not followed" : "") + "; its base_url is " + std::string(base_url);
}

}  // namespace

Attempt::Attempt(GatewayWorker& worker, AttemptEvents& events, const ExchangeRequest& request, const AttemptPlan& plan)
    : worker_(worker), events_(events), request_(request), plan_(plan), answer_(worker.answers.room) {}

// --- the request ----------------------------------------------------------------------------------------------------

Result<void> Attempt::write() {
  DialectOutput& out = worker_.outgoing;
  auto written = write_for({.provider = *plan_.provider,
                            .target = *plan_.target,
                            .model = plan_.target_model,
                            .holding = plan_.holding,
                            .names_models = plan_.names_models,
                            .translated = plan_.translated},
                           request_, texts_, out);
  asked_usage_ = out.asked_usage;
  return written;
}

void Attempt::start(SpendHold hold, std::uint16_t number, std::uint32_t more_flags) {
  const TimePoint now = worker_.timer.now();
  dispatched_ = asked_ = stuck_since_ = last_bytes_ = last_sent_ = now;
  uploads_ = is_stuck_ = request_.body_goes_on;
  deadline_ = std::min(request_.deadline, now + plan_.timeouts->total);
  hold_ = std::move(hold);
  row_.request = request_.id;
  row_.attempt = number;
  row_.state = RowState::open;
  row_.operation = request_.operation;
  row_.surface = request_.surface->kind();
  row_.streamed = request_.facts.stream;
  row_.flags = (plan_.holding.clamped ? row_flag::clamped : 0) | (plan_.staged ? row_flag::staged : 0) | more_flags;
  row_.process = worker_.core.process();
  row_.hold = plan_.holding.hold;
  row_.accepted = request_.accepted;
  row_.dispatched = worker_.timer.wall();
  row_.client_request_id = request_.client_id;
  row_.project = request_.project;
  row_.key = request_.key;
  row_.asked_model = request_.asked_model;
  row_.target_model = row_model(plan_.target_model);
  row_.provider = plan_.provider->config.name;
  row_.price_version = plan_.prices.version;
  worker_.journal.open(row_);
  plan_.pace->on_dispatch();
  state_ = State::dispatched;

  DialectOutput& out = worker_.outgoing;
  call_ = worker_.upstream_for(*plan_.provider)
              .start({.origin = &plan_.provider->base.origin,
                      .method = "POST",
                      .path = out.path,
                      .headers = out.fields.span(),
                      .body = out.pieces(request_.body->view()),
                      .body_goes_on = request_.body_goes_on,
                      .rest_length = request_.rest_length,
                      .connect_timeout = plan_.timeouts->connect},
                     *this);
  arm();
}

// --- what comes back ------------------------------------------------------------------------------------------------

void Attempt::on_head(const UpstreamHead& head) {
  if (state_ == State::dispatched) state_ = State::answering;
  last_bytes_ = first_byte_at_ = worker_.timer.now();
  row_.status = head.status;
  row_.first_byte = worker_.timer.wall();
  if (head.status == 429 || head.status == 503 || head.status == 529) {
    retry_after_ = parse_retry_after(header_value(head.headers, "retry-after"),
                                     header_value(head.headers, "retry-after-ms"), worker_.timer.wall());
  }
  plan_.provider->dialect
      ->open_answer({.tools = worker_.answers,
                     .request = request_.facts,
                     .operation = request_.operation,
                     .client = request_.surface->shape(),
                     .asked_usage = asked_usage_,
                     .max_event = static_cast<std::size_t>(plan_.max_event),
                     .max_answer = static_cast<std::size_t>(plan_.max_answer),
                     .provider = plan_.provider},
                    answer_)
      .on_head(head);
  arm();
}

Flow Attempt::on_body(std::string_view bytes) {
  last_bytes_ = worker_.timer.now();
  const AnswerStream::Step step = answer_->push(bytes, *this);
  // From now on the idle limit counts, which may be due before what the alarm is armed for.
  if (!has_begun_ && answer_->has_begun()) {
    has_begun_ = true;
    if (row_.status == 200) {
      plan_.pace->on_first_event(last_bytes_ - asked_, last_bytes_);
      plan_.pace->recent.on_first_event(request_.project, last_bytes_ - asked_, last_bytes_);
    }
    arm();
  }
  if (step == AnswerStream::Step::failed) return fail_by_answer(), Flow::more;
  if (step == AnswerStream::Step::ended) {
    // What is left of the body is nobody's business but the connection's.
    worker_.upstream_for(*plan_.provider).drain(std::move(call_));
    succeed();
    return Flow::more;
  }
  count_kept();
  return flow();
}

void Attempt::on_end(Result<void> result) {
  last_bytes_ = worker_.timer.now();
  if (answer_.get() == nullptr) {
    const Error error = result ? Error{ErrorCode::lost, "the call ended without an answer"} : std::move(result).error();
    log(error.detail);
    const Kind kind = failure_kind(error.code);
    return fail(kind, uploads_ ? Ending::refused : ending_of(kind), api_error::provider_error());  // see cut_off()
  }
  if (answer_->finish(result, *this) == AnswerStream::Step::failed) return fail_by_answer();
  return succeed();
}

// --- memory ---------------------------------------------------------------------------------------------------------

void Attempt::count_kept() {
  const std::size_t kept = answer_->kept() + (writer_ ? writer_->kept() : 0);
  if (kept == counted_) return;
  counted_ = kept;
  if (events_.on_gathered(*this, kept) == Flow::more || waits_for_room_) return;
  waits_for_room_ = true;
  waits_since_ = worker_.timer.now();
  arm();
}

// Another target would have no more: and this one's answer, as far as it came, may be billed.
void Attempt::fail_for_room() {
  if (!std::exchange(waits_for_room_, false)) return;
  log("there is no memory for its answer within server.max_buffered");
  call_.reset();
  if (answer_->gathers()) unseen_cost_ = row_.hold;
  ApiError error = api_error::overloaded();
  error.retry_after.reset();
  return fail(Kind::limit_reached, Ending::cut_off, std::move(error), true);
}

void Attempt::go_on_gathering() {
  if (std::exchange(waits_for_room_, false)) return go_on();
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

// --- the ends -------------------------------------------------------------------------------------------------------

// Ends the call. What never left us costs nothing; an answer in one piece that we did not wait for costs its hold,
// unless it said before what it used: its provider may have made all of it. A form whose end was never sent is no
// request, and an error costs nothing, however little of it came.
Ending Attempt::cut_off() {
  const bool is_request = !uploads_ || answer_.get() != nullptr;
  const bool seen = (!call_ || call_->sent()) && is_request && row_.status < 400;
  call_.reset();
  if (seen && !request_.facts.stream) unseen_cost_ = row_.hold;
  if (answer_.get() != nullptr) answer_->abandon();
  return seen ? Ending::cut_off : Ending::refused;
}

void Attempt::abandon() {
  if (state_ == State::made) return plan_.health->on_cancelled(plan_.pass);
  if (state_ == State::settled) return call_.reset();
  return leave();
}

void Attempt::leave() {
  row_.flags |= row_flag::client_left;
  plan_.health->on_cancelled(plan_.pass);
  settle(RowState::settled, cut_off(), "client_left");
}

// It would have taken so long at least.
void Attempt::lose() {
  const TimePoint now = worker_.timer.now();
  if (!has_begun_) {
    plan_.pace->on_first_event(now - dispatched_, now);
    plan_.pace->recent.on_first_event(request_.project, now - dispatched_, now);
  }
  plan_.health->on_cancelled(plan_.pass);
  settle(RowState::settled, cut_off(), "hedge_lost");
}

void Attempt::succeed() {
  plan_.health->on_success();
  plan_.pace->recent.on_end(request_.project, false, worker_.timer.now());
  settle(RowState::settled, Ending::whole, {});
  return events_.on_complete(*this);
}

void Attempt::log(std::string_view what) const {
  std::string text = plan_.provider->config.name;
  text.append(": ").append(what);
  plan_.provider->hide_secrets(text);
  worker_.core.log(LogLevel::warning, text, request_.id.text());
}

void Attempt::log_opening(Duration open_for) const {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(open_for).count();
  log(std::string(row_.target_model.view()) + " failed several times in a row and is left alone for " +
      std::to_string(seconds) + " s");
}

void Attempt::fail_by_answer() {
  const AnswerFault& fault = answer_->fault();
  if (fault.error == nullptr) {
    if (!fault.why.empty()) log(fault.why);
    return fail(fault.kind, fault.ending, api_error::provider_error(), fault.final);
  }
  plan_.provider->hide_secrets(*fault.error);  // some repeat the key that they were given
  if (!retry_after_) retry_after_ = fault.retry_after;
  auto [what, error] = answered(fault, retry_after_);
  error.is_overload = fault.kind == Kind::overloaded;
  std::string text = std::string(what) + " (" + std::to_string(fault.status) + ")";
  if (const std::string reason = whole_reason(*fault.error); !reason.empty()) {
    text.append(": ").append(std::string_view(reason).substr(0, kLoggedOfReason));
  }
  text.append(hint_for(fault.status, plan_.provider->config.base_url));
  log(text);
  return fail(fault.kind, fault.ending, std::move(error), fault.final);
}

void Attempt::fail(Kind kind, Ending ending, ApiError error, bool final) {
  const TimePoint now = worker_.timer.now();
  if (counts_against_target(kind)) {
    if (plan_.health->on_failure(plan_.pass, now)) log_opening(plan_.health->usable_from(now) - now);
    plan_.pace->recent.on_end(request_.project, true, now);
  }
  if (const auto why = cooling_after(kind)) {
    plan_.health->on_cooling(plan_.pass, now, *why, kind == Kind::credentials ? kCredentialsCool : retry_after_);
  }
  if (kind == Kind::client_fault) plan_.health->on_success();
  plan_.health->on_cancelled(plan_.pass);
  if (ending == Ending::cut_off) error.should_not_retry = true;  // it may be billed, and would be again
  const bool after_first_byte = has_sent();
  settle(after_first_byte ? RowState::settled : RowState::failed, ending, error.code);
  call_.reset();
  if (after_first_byte) return events_.on_broken(*this, std::move(error));
  return events_.on_failed(*this, {.kind = kind, .final = final}, std::move(error));
}

void Attempt::settle(RowState state, Ending ending, std::string_view error_code) {
  state_ = State::settled;
  waits_for_room_ = false;
  alarm_.disarm();
  const RequestFacts& facts = request_.facts;
  Observed observed;
  observed.ending = ending;
  observed.unseen_cost = unseen_cost_;
  observed.input_estimate = facts.input_estimate;
  observed.images = facts.images;
  observed.audios = facts.audios;
  observed.asked = as_estimated(plan_.holding.beside, facts);
  if (plan_.holding.output_is_bounded) observed.output_bound = plan_.holding.output_bound;
  if (facts.files == 0) observed.text_bound = facts.input_bound;
  if (answer_.get() != nullptr) {
    const AnswerReport& report = answer_->report();
    static_cast<Reported&>(observed) = report.figures;
    observed.emitted_bytes = report.weight.bytes();
    observed.emitted_events = report.weight.pieces;
    row_.generation_id = report.generation_id;
    row_.served_model = report.served_model;
    row_.finish_reason = report.finish_reason;
  }
  const Settlement result = gateway::settle(observed, plan_.prices, row_.accepted);
  row_.state = state;
  row_.streamed = facts.stream;
  row_.usage = result.usage;
  row_.cost = result.cost;
  row_.upstream_cost = result.upstream_cost;
  row_.cost_source = result.source;
  row_.flags |= result.flags;
  row_.error_code = error_code;
  row_.ended = worker_.timer.wall();
  if (plan_.capped && result.cost > row_.hold) row_.flags |= row_flag::over_hold;
  const bool query_later = ending == Ending::cut_off && !observed.cost && !row_.generation_id.empty() &&
                           plan_.provider->dialect->tells_cost_later();
  if (query_later) row_.flags |= row_flag::backfill_pending;
  hold_.settle(result.cost);
  worker_.journal.settle(row_);
  settled_at_ = worker_.journal.appended();
  plan_.pace->on_settled(result.usage.input, result.usage.cached_input);
  if (query_later) worker_.backfill.add(row_);
}

}  // namespace gateway
