#include "proxy/proxy_exchange.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/row_model.h"
#include "chat/endpoint.h"
#include "proxy/entrance.h"
#include "proxy/hold_input.h"
#include "proxy/route_plan.h"
#include "proxy/target_plan.h"

namespace gateway {
namespace {

// What an answer may have beside what it receives: as much as a connection reads at once.
constexpr std::size_t kSmallAnswer = 64 * 1024;
constexpr std::size_t kTurnsFrom = 5 * 256 * 1024;  // past this, an answer that need not be gathered is relayed
constexpr int kMostLeaseWaits = 150;

bool takes_form(Operation operation) noexcept { return info_of(operation).body == EndpointInfo::Body::multipart; }

}  // namespace

ProxyExchange::ProxyExchange(GatewayWorker& worker, Client& client, const Incoming& in, Caller caller)
    : worker_(worker),
      answer_(client),
      snapshot_(in.snapshot),
      project_(*caller.project),
      model_by_path_(in.model),
      peer_(in.head.peer),
      request_(worker.buffers),
      room_(worker.core.buffered, caller.project->state->buffered),
      waiting_(worker.core.buffered_waiting, caller.project->state->buffered_waiting) {
  read_head(request_, in, caller);
  if (takes_form(in.operation)) {
    request_.content_type = header_value(in.head.headers, "content-type");
    form_ = std::make_unique<FormReader>(in.operation, request_.content_type, model_by_path_);
  }
}

ProxyExchange::~ProxyExchange() {
  if (state_ == State::done) return;
  if (attempt_ != nullptr) attempt_->abandon();
  if (rival_ != nullptr) {
    rival_->abandon();
    cost_ = cost_.plus_saturated(rival_->row().cost);
  }
  finish({499, "client_left"});
}

// --- the request ----------------------------------------------------------------------------------------------------

void ProxyExchange::begin(std::optional<std::uint64_t> content_length) {
  announced_ = content_length.value_or(0);
  const Announced announced{.bytes = announced_, .may_be_relayed = form_ != nullptr};
  if (const auto error = take_place(worker_, *snapshot_, project_, room_, announced)) return refuse(*error);
  entered_ = true;
}

ProjectRoom::Bound ProxyExchange::room_bound() const noexcept { return gateway::room_bound(*snapshot_); }

Flow ProxyExchange::on_body(std::string_view bytes) {
  if (is_uploading()) return upload_on(bytes);
  if (state_ == State::reading) gather(bytes);
  return Flow::more;
}

void ProxyExchange::gather(std::string_view bytes) {
  const std::size_t size = request_.body->size() + bytes.size();
  const std::int64_t most = max_body(snapshot_->config.server, form_ != nullptr);
  if (size > static_cast<std::uint64_t>(most)) return refuse(api_error::body_too_large(most));
  if (!room_.extend(static_cast<std::int64_t>(size), room_bound())) return refuse(api_error::overloaded());
  // Grows as others do, but not past what was announced.
  if (announced_ > 0 && size > request_.body->capacity())
    request_.body->reserve(std::max<std::size_t>(size, std::min(announced_, 2 * size)));
  request_.body->append(bytes);
  if (form_ != nullptr) return read_form_on(bytes);
}

// Files are large: what the parts before one show to be wrong is refused before it has come.
void ProxyExchange::read_form_on(std::string_view bytes) {
  BadRequest why;
  if (!form_->read_on(bytes, why)) return refuse(api_error::bad_request(std::move(why.message), std::move(why.param)));
  if (turn_.route == nullptr && !form_->model().empty() && !find_route(form_->model())) return;
  return consider_upload();
}

// An answer has begun, so there will be no other attempt; but its provider may still be reading.
void ProxyExchange::release_body() {
  if (request_.body->empty() || attempt_->holds_body()) return;
  request_.body.release();
  count_room();
}

std::int64_t ProxyExchange::kept() const noexcept {
  const std::size_t of_upload = upload_ != nullptr ? upload_->size() : 0;
  return static_cast<std::int64_t>(request_.body->size() + of_upload + gathered_ + answer_.kept());
}

void ProxyExchange::count_room() { room_.set(kept()); }

Flow ProxyExchange::on_gathered(Attempt& attempt, std::size_t bytes) {
  if (attempt.is_answering() && bytes > (request_.facts.stream ? kSmallAnswer : 0)) take(attempt);
  gathered_ = attempt_->gathered() + (rival_ != nullptr ? rival_->gathered() : 0);
  if (kept() <= room_.bytes()) return count_room(), Flow::more;
  if (take_room() || bytes <= kSmallAnswer) return Flow::more;
  waiting_.set(room_.bytes());
  worker_.room_waits.add(*this);
  return Flow::pause;
}

// If there may be too little for two large answers of a project, one comes to its end before the next goes on: side
// by side they might take what none of them can do without.
bool ProxyExchange::has_turn() {
  if (gathered_ <= kTurnsFrom) return true;
  std::atomic<const void*>& turn = project_.state->gathers;
  const void* whose = turn.load(std::memory_order_relaxed);
  if (whose == this) return true;
  if (whose == nullptr && room_.fits(snapshot_->config.server.max_answer, room_bound())) return true;
  return whose == nullptr && turn.compare_exchange_strong(whose, this, std::memory_order_relaxed);
}

bool ProxyExchange::take_room() { return has_turn() && room_.extend(kept(), room_bound()); }

bool ProxyExchange::is_hopeless() const {
  const ProjectState& project = *project_.state;
  const bool others_first =
      project.gathers.load(std::memory_order_relaxed) == this && project.buffered_waiting.taken() > waiting_.bytes();
  return !others_first && !waiting_.fits(kept() - room_.bytes(), room_bound());
}

void ProxyExchange::on_room(bool found) {
  waiting_.set(0);
  return found ? attempt_->go_on_gathering() : attempt_->fail_for_room();
}

void ProxyExchange::end_waiting() noexcept {
  RoomWaits::Waiter::leave();
  waiting_.set(0);
  const void* own = this;
  std::atomic<const void*>& turn = project_.state->gathers;
  if (turn.load(std::memory_order_relaxed) == own) turn.store(nullptr, std::memory_order_relaxed);
}

void ProxyExchange::on_end() {
  if (is_uploading()) return end_upload();
  if (state_ != State::reading) return;
  begin_trying();
  if (!read_request() || !route_request() || !choose_targets() || !admit_rates()) return;
  return advance();
}

void ProxyExchange::begin_trying() {
  state_ = State::trying;
  request_.accepted = worker_.timer.wall();
  request_.accepted_at = worker_.timer.now();
  request_.deadline = request_.accepted_at + snapshot_->config.timeouts.total;
  log_body("request", request_.body->view());
}

bool ProxyExchange::read_request() {
  BadRequest why;
  const Surface& surface = *request_.surface;
  const std::size_t came = request_.body->size();
  const bool is_rewritten = surface.rewrite(*request_.body, why);
  // Other words for the same may be longer ones.
  if (const std::size_t size = request_.body->size(); size > came) {
    const std::int64_t most = snapshot_->config.server.max_body;
    if (size > static_cast<std::uint64_t>(most)) return refuse(api_error::body_too_large(most)), false;
    if (!room_.extend(static_cast<std::int64_t>(size), room_bound())) return refuse(api_error::overloaded()), false;
  }
  RequestFacts& facts = request_.facts;
  const PaddedBuffer& body = *request_.body;
  const bool is_read =
      is_rewritten &&
      (form_ != nullptr ? form_->finish(facts, why) : surface.read(worker_.requests, body, model_by_path_, facts, why));
  form_.reset();
  if (is_read) return true;
  return refuse(api_error::bad_request(std::move(why.message), std::move(why.param))), false;
}

bool ProxyExchange::find_route(std::string_view model) {
  turn_.route = snapshot_->router.find(model);
  if (turn_.route == nullptr) return refuse(api_error::model_not_found(model)), false;
  request_.asked_model = row_model(model);
  if (!allows(project_.config.models, model)) return refuse(api_error::model_not_allowed(model)), false;
  return true;
}

bool ProxyExchange::route_request() {
  if (!find_route(request_.facts.model)) return false;
  if (auto refused = refused_alternative(*snapshot_, project_.config, request_.facts)) return refuse(*refused), false;
  return true;
}

bool ProxyExchange::choose_targets() {
  turn_.choice = choose(*turn_.route, model());
  if (turn_.choice.size() > 0 || next_model()) return true;
  return refuse(no_target_fits(*turn_.route, turn_.choice)), false;
}

RouteChoice ProxyExchange::choose(const RouteConfig& route, std::string_view model) const {
  rest_outliers(snapshot_->router.state(route), snapshot_->config.outliers, request_.accepted_at);
  return plan_route({.snapshot = *snapshot_,
                     .route = route,
                     .project = project_.config,
                     .key = request_.key,
                     .key_name = request_.key_name,
                     .headers = request_.route_fields,
                     .operation = request_.operation,
                     .facts = request_.facts,
                     .model = model,
                     .body = *request_.body,
                     .turn = snapshot_->router.take_turn(route),
                     .at = request_.accepted,
                     .now = request_.accepted_at});
}

std::string_view ProxyExchange::model() const noexcept { return model_at(request_.facts, turn_.model); }

// One that an earlier round has found, or the next that has a target for the request.
bool ProxyExchange::next_model() {
  const auto known =
      std::find_if(turns_.begin(), turns_.end(), [this](const ModelTurn& each) { return each.model > turn_.model; });
  if (known != turns_.end()) {
    std::swap(turn_, *known);
  } else {
    std::optional<ModelTurn> found;
    for (auto next = model_after(request_.facts, turn_.model); next && !found;
         next = model_after(request_.facts, *next)) {
      const std::string_view name = model_at(request_.facts, *next);
      const RouteConfig* route = snapshot_->router.find(name);
      ModelTurn turn{*next, route, choose(*route, name)};
      if (turn.choice.size() > 0) found = turn;
    }
    if (!found) return false;
    if (turn_.choice.size() > 0) turns_.push_back(turn_);
    turn_ = *found;
  }
  means_ = worker_.means.find(project_.config.name, model());
  cursor_ = 0;
  return true;
}

// The last model's turn is over.
void ProxyExchange::go_round() noexcept {
  cursor_ = 0;
  ++round_;
  goes_round_ = false;
  if (turns_.empty()) return;
  std::rotate(turns_.begin(), turns_.begin() + 1, turns_.end());
  std::swap(turn_, turns_.back());
  means_ = worker_.means.find(project_.config.name, model());
}

bool ProxyExchange::admit_rates() {
  means_ = worker_.means.find(project_.config.name, model());
  const std::int64_t mean = means_ ? means_->output_tokens.value_or(-1) : -1;
  charged_tokens_ = tokens_to_charge(hold_input(request_.operation, request_.facts, project_.config, request_.accepted),
                                     mean < 0 ? std::nullopt : std::optional(mean));
  const auto refusal = project_.state->limits.charge(project_.config.limits, charged_tokens_, worker_.timer.now());
  if (refusal.verdict != RateLimits::Verdict::admitted) return refuse(rate_error(refusal, charged_tokens_)), false;
  admitted_ = true;
  return true;
}

// --- attempts -------------------------------------------------------------------------------------------------------

void ProxyExchange::advance() {
  const RetryConfig& retry = snapshot_->config.retry;
  while (dispatched_ < retry.max_attempts) {
    if (cursor_ == turn_.choice.size()) {
      if (next_model()) continue;
      if (!goes_round_) break;
      const TimePoint now = worker_.timer.now();
      const auto wait = backoff(round_, earliest_target(), static_cast<std::uint32_t>(worker_.random()), retry.max_wait,
                                now, request_.deadline);
      if (!wait) break;
      go_round();
      return worker_.timer.arm(retry_alarm_, now + *wait);
    }
    const std::size_t target = turn_.choice.target(cursor_++);
    if (turn_.declined_by.test(target)) continue;
    switch (dispatch(target)) {
      case Dispatch::started:
        return;
      case Dispatch::waits:
        --cursor_;
        return worker_.timer.arm(retry_alarm_, worker_.timer.now() + kLeaseWait);
      case Dispatch::skipped:
        break;
    }
  }
  return give_up();
}

ProxyExchange::Dispatch ProxyExchange::dispatch(std::size_t target, bool is_hedge) {
  const TimePoint now = worker_.timer.now();
  const std::int64_t mean_cost = means_ ? means_->cost.value_or(-1) : -1;
  AttemptEvents& events = *this;
  Admission admission = admit({.worker = worker_,
                               .events = events,
                               .snapshot = *snapshot_,
                               .project = project_,
                               .request = request_,
                               .model = model(),
                               .target = turn_.route->targets[target],
                               .pace = *snapshot_->router.state(*turn_.route).paces[target],
                               .expected_cost = mean_cost < 0 ? std::nullopt : std::optional(Money::units(mean_cost)),
                               .is_first = dispatched_ == 0});
  const bool is_admitted = admission.outcome == Considered::Outcome::dispatched;
  decision_.add({static_cast<std::uint8_t>(turn_.model), static_cast<std::uint16_t>(target),
                 is_admitted && is_hedge ? Considered::Outcome::hedged : admission.outcome, now});
  if (admission.outcome == Considered::Outcome::waits_for_lease && lease_waits_++ < kMostLeaseWaits) {
    return Dispatch::waits;
  }
  if (!is_admitted) {
    if (!is_hedge && admission.hope > skip_hope_) {
      skip_hope_ = admission.hope;
      skip_error_ = admission.error ? std::make_unique<ApiError>(*std::move(admission.error)) : nullptr;
    }
    return Dispatch::skipped;
  }
  std::unique_ptr<Attempt>& attempt = is_hedge ? rival_ : attempt_;
  attempt = std::move(admission.attempt);
  static_cast<void>(on_gathered(*attempt, 0));  // by the attempt before
  attempt->start(std::move(admission.hold), static_cast<std::uint16_t>(++dispatched_), is_hedge ? row_flag::hedge : 0);
  overhead_ += worker_.timer.tick() - now;
  arm_hedge();
  return Dispatch::started;
}

// When the first of the chosen targets may be tried again.
TimePoint ProxyExchange::earliest_target() const {
  TimePoint earliest = TimePoint::max();
  const auto look_at = [&](const ModelTurn& turn) {
    for (const std::size_t target : turn.choice.order()) {
      if (turn.declined_by.test(target)) continue;
      const std::string_view name = model_at(request_.facts, turn.model);
      earliest = std::min(earliest, usable_from(worker_, *snapshot_, project_, turn.route->targets[target], name));
    }
  };
  look_at(turn_);
  std::for_each(turns_.begin(), turns_.end(), look_at);
  return earliest;
}

// An attempt's own error reports more than why another was not made.
void ProxyExchange::give_up() {
  if (attempt_ == nullptr) return refuse(skip_error_ ? *skip_error_ : api_error::provider_error());
  return fail_with(std::move(*attempt_error_));
}

bool ProxyExchange::goes_elsewhere(const Attempt& attempt, const AttemptFailure& failure, const ApiError& error) {
  const RetryConfig& retry = snapshot_->config.retry;
  if (failure.kind != AttemptFailure::Kind::client_fault || !attempt.row().cost.is_zero()) return false;
  if (error.code == "content_policy_violation") return retry.on_content_policy;
  if (!retry.on_context_length || !is_context_too_short(error.code, error.message)) return false;
  const std::int64_t length = attempt.plan().target->context_length.value_or(0);
  const std::vector<TargetConfig>& targets = turn_.route->targets;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets[i].context_length.value_or(0) <= length) turn_.declined_by.set(i);
  }
  return true;
}

std::size_t ProxyExchange::place_of(const Attempt& attempt) const noexcept {
  return static_cast<std::size_t>(attempt.plan().target - turn_.route->targets.data());
}

bool ProxyExchange::note_failure(const Attempt& attempt, const AttemptFailure& failure, const ApiError& error) {
  cost_ = cost_.plus_saturated(attempt.row().cost);
  const bool elsewhere = goes_elsewhere(attempt, failure, error);
  if (!elsewhere && (failure.final || !may_follow(snapshot_->config.retry, failure.kind))) return false;
  if (elsewhere || is_about_request(failure.kind)) {
    turn_.declined_by.set(place_of(attempt));
  } else {
    goes_round_ = true;
  }
  return true;
}

void ProxyExchange::on_failed(Attempt& attempt, const AttemptFailure& failure, ApiError error) {
  if (rival_ != nullptr) return on_one_failed(attempt, failure, std::move(error));
  hedge_alarm_.disarm();
  end_waiting();
  const bool may_follow = note_failure(attempt, failure, error);
  if (upload_ != nullptr) {
    upload_->has_room = false;
    if (!upload_->is_whole) return fail_with(std::move(error));
  }
  if (!may_follow) return fail_with(std::move(error));
  if (final_error_) return fail_with(std::move(*final_error_));
  attempt_error_ = std::make_unique<ApiError>(std::move(error));
  return advance();
}

}  // namespace gateway
