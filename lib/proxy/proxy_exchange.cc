#include "proxy/proxy_exchange.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "proxy/hold_input.h"
#include "proxy/row_model.h"
#include "proxy/target_plan.h"

namespace gateway {
namespace {

// What an answer may have beside what it is given: as much as a connection reads at once.
constexpr std::size_t kSmallAnswer = 64 * 1024;
constexpr std::size_t kTurnsFrom = 5 * 256 * 1024;  // past where an answer that need not be gathered is relayed
constexpr auto kLeaseWait = std::chrono::milliseconds(3);
constexpr int kMostLeaseWaits = 150;

// What no request may pass: the smallest of what the caps leave, whichever of them is told of.
Money left_under_all(const std::vector<Spend::CapView>& caps) noexcept {
  Money left = Money::max();
  for (const Spend::CapView& cap : caps) left = std::min(left, cap.view.cap.minus(cap.view.spent).value_or(Money{}));
  return left;
}

// None past the 64th.
std::uint64_t target_bit(std::size_t index) noexcept { return index < 64 ? std::uint64_t{1} << index : 0; }

ApiError rate_error(const RateLimits::Refusal& refusal, std::int64_t tokens) {
  using Verdict = RateLimits::Verdict;
  switch (refusal.verdict) {
    case Verdict::tokens_never:
      return api_error::tokens_exceed_limit(tokens, refusal.limit);
    case Verdict::tokens:
      return api_error::rate_limited("tokens", refusal.limit, refusal.wait);
    case Verdict::concurrency:
      return api_error::rate_limited("concurrency", refusal.limit, refusal.wait);
    default:
      return api_error::rate_limited("requests", refusal.limit, refusal.wait);
  }
}

}  // namespace

ProxyExchange::ProxyExchange(GatewayWorker& worker, Client& client, Endpoint endpoint, const Incoming& in,
                             Caller caller)
    : worker_(worker),
      answer_(client),
      snapshot_(in.snapshot),
      project_(*caller.project),
      model_by_path_(in.model),
      peer_(in.head.peer),
      room_(worker.core.buffered, caller.project->state->buffered),
      waiting_(worker.core.buffered_waiting, caller.project->state->buffered_waiting),
      body_(worker.buffers) {
  row_.request = in.id;
  row_.endpoint = endpoint;
  row_.process = worker.core.process();
  row_.client_request_id = in.client_id;
  row_.project = project_.config.name;
  row_.key = caller.key->id;
}

ProxyExchange::~ProxyExchange() {
  if (state_ == State::done) return;
  if (attempt_ != nullptr) attempt_->abandon();
  close_books(499, "client_left");
}

// --- the request ----------------------------------------------------------------------------------------------------

void ProxyExchange::begin(std::optional<std::uint64_t> content_length) {
  announced_ = content_length.value_or(0);
  if (const auto error = enter(announced_)) return refuse(*error);
}

// A place is taken with the head: a project must not fill the gateway with requests that it never finishes. Memory is
// taken only as the body comes, for the same reason; but what could not come in now is refused before it is sent.
std::optional<ApiError> ProxyExchange::enter(std::uint64_t announced) {
  const ServerConfig& server = snapshot_->config.server;
  if (announced > static_cast<std::uint64_t>(server.max_body)) return api_error::body_too_large(server.max_body);
  if (worker_.core.draining()) return api_error::unavailable("the gateway is shutting down");
  if (!worker_.core.ledger_writable()) return api_error::unavailable("the ledger cannot be written");
  RateLimits& limits = project_.state->limits;
  const std::int64_t in_flight = worker_.core.in_flight.load(std::memory_order_relaxed);
  const bool has_place =
      within_share(limits.concurrent() + 1, in_flight + 1, server.max_in_flight, 1, snapshot_->projects.size() == 1);
  if (!has_place || !room_.fits(static_cast<std::int64_t>(announced), room_bound())) return api_error::overloaded();
  const RateLimits::Refusal refusal = limits.enter(project_.config.limits);
  if (refusal.verdict != RateLimits::Verdict::admitted) return rate_error(refusal, 0);
  worker_.core.in_flight.fetch_add(1, std::memory_order_relaxed);
  entered_ = true;
  return std::nullopt;
}

ProjectRoom::Bound ProxyExchange::room_bound() const noexcept {
  const ServerConfig& server = snapshot_->config.server;
  return {.all = server.max_buffered, .least = server.max_body, .only_one = snapshot_->projects.size() == 1};
}

void ProxyExchange::on_body(std::string_view bytes) {
  if (state_ != State::reading) return;
  const std::size_t size = body_->size() + bytes.size();
  const std::int64_t most = snapshot_->config.server.max_body;
  if (size > static_cast<std::uint64_t>(most)) return refuse(api_error::body_too_large(most));
  if (!room_.grow_to(static_cast<std::int64_t>(size), room_bound())) return refuse(api_error::overloaded());
  // Grows as others do, but not past what was announced.
  if (announced_ > 0 && size > body_->capacity())
    body_->reserve(std::max<std::size_t>(size, std::min(announced_, 2 * size)));
  body_->append(bytes);
}

// An answer has begun, so there will be no other attempt; but its provider may still be reading.
void ProxyExchange::release_body() {
  if (body_->empty() || attempt_->holds_body()) return;
  body_.release();
  count_room();
}

std::int64_t ProxyExchange::kept() const noexcept {
  return static_cast<std::int64_t>(body_->size() + gathered_ + answer_.kept());
}

void ProxyExchange::count_room() { room_.set(kept()); }

Flow ProxyExchange::on_gathered(std::size_t bytes) {
  gathered_ = bytes;
  if (kept() <= room_.bytes()) return count_room(), Flow::more;
  if (take_room() || bytes <= kSmallAnswer) return Flow::more;
  waiting_.set(room_.bytes());
  worker_.room_waits.add(*this);
  return Flow::pause;
}

// Where there may be too little for two large answers of a project, one comes to its end before the next goes on: side
// by side they might take what none of them can do without.
bool ProxyExchange::has_turn() {
  if (gathered_ <= kTurnsFrom) return true;
  std::atomic<const void*>& turn = project_.state->gathers;
  const void* whose = turn.load(std::memory_order_relaxed);
  if (whose == this) return true;
  if (whose == nullptr && room_.fits(snapshot_->config.server.max_answer, room_bound())) return true;
  return whose == nullptr && turn.compare_exchange_strong(whose, this, std::memory_order_relaxed);
}

bool ProxyExchange::take_room() { return has_turn() && room_.grow_to(kept(), room_bound()); }

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
  if (state_ != State::reading) return;
  state_ = State::trying;
  row_.accepted = worker_.timer.wall();
  accepted_at_ = worker_.timer.now();
  deadline_ = accepted_at_ + snapshot_->config.timeouts.total;
  log_body("request", body_->view());
  if (!read_request() || !route_request() || !admit_rates()) return;
  return advance();
}

bool ProxyExchange::read_request() {
  BadRequest why;
  if (worker_.requests.read(row_.endpoint, *body_, facts_, why, model_by_path_)) {
    row_.streamed = facts_.stream;
    return true;
  }
  return refuse(api_error::bad_request(std::move(why.message), std::move(why.param))), false;
}

bool ProxyExchange::route_request() {
  route_ = snapshot_->router.find(facts_.model);
  if (route_ == nullptr) return refuse(api_error::model_not_found(facts_.model)), false;
  row_.asked_model = row_model(facts_.model);
  if (!allows(project_.config.models, facts_.model)) return refuse(api_error::model_not_allowed(facts_.model)), false;
  if (auto refused = refused_alternative(*snapshot_, project_.config, facts_)) return refuse(*refused), false;
  return true;
}

bool ProxyExchange::admit_rates() {
  means_ = worker_.means.find(project_.config.name, facts_.model);
  const std::int64_t mean = means_ ? means_->output_tokens.value_or(-1) : -1;
  charged_tokens_ = tokens_to_charge(hold_input(row_.endpoint, facts_, project_.config, row_.accepted),
                                     mean < 0 ? std::nullopt : std::optional(mean));
  const auto refusal = project_.state->limits.charge(project_.config.limits, charged_tokens_, worker_.timer.now());
  if (refusal.verdict != RateLimits::Verdict::admitted) return refuse(rate_error(refusal, charged_tokens_)), false;
  admitted_ = true;
  return true;
}

// --- attempts -------------------------------------------------------------------------------------------------------

void ProxyExchange::advance() {
  const RetryConfig& retry = snapshot_->config.retry;
  while (attempt_ == nullptr || row_.attempt < retry.max_attempts) {
    if (cursor_ == route_->targets.size()) {
      if (!goes_round_) break;
      const TimePoint now = worker_.timer.now();
      const auto wait = backoff(round_, earliest_target(), static_cast<std::uint32_t>(worker_.random()), retry.max_wait,
                                now, deadline_);
      if (!wait) break;
      cursor_ = 0;
      ++round_;
      goes_round_ = false;
      return worker_.timer.arm(retry_alarm_, now + *wait);
    }
    if ((declined_by_ & target_bit(cursor_)) != 0) {
      ++cursor_;
      continue;
    }
    switch (dispatch(route_->targets[cursor_++])) {
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

ProxyExchange::Dispatch ProxyExchange::dispatch(const TargetConfig& target) {
  const Provider& provider = *snapshot_->provider(target.provider);
  AttemptPlan plan;
  plan.provider = &provider;
  plan.target = &target;
  const std::int64_t mean_cost = means_ ? means_->cost.value_or(-1) : -1;
  TargetPlan at_target =
      plan_target(*snapshot_, project_.config, row_.endpoint, facts_, target,
                  mean_cost < 0 ? std::nullopt : std::optional(Money::units(mean_cost)), row_.accepted);
  if (at_target.refusal) return skip(Hope::never, std::move(*at_target.refusal));
  const HoldPlan& holding = at_target.holding;
  plan.target_model = at_target.model;
  plan.prices = at_target.price;
  plan.write_max_tokens = holding.write_max_tokens;
  plan.beside = holding.beside;
  if (holding.output_is_bounded) plan.output_bound = holding.output_bound;
  plan.timeouts = target.timeouts.value_or(snapshot_->config.timeouts);
  plan.health = HealthRef(worker_.health, provider.config.name, plan.target_model, project_.state);
  plan.capped = !project_.config.spend.caps.empty();
  plan.max_event = snapshot_->config.server.max_event;
  plan.max_answer = snapshot_->config.server.max_answer;

  const TimePoint now = worker_.timer.now();
  plan.pass = plan.health->admits(now);
  if (!plan.pass) return skip_resting(plan.health);
  SpendHold hold;
  const Spend::Refusal refusal = project_.state->spend.admit(project_.config.spend, holding.hold, row_.accepted, hold);
  if (refusal.verdict != Spend::Verdict::admitted) {
    plan.health->on_cancelled(plan.pass);
    return refused_by_cap(refusal, holding, plan.prices);
  }
  if (attempt_ == nullptr) {
    project_.state->retries.on_dispatch();
  } else if (!project_.state->retries.take(snapshot_->config.retry.budget, now)) {
    plan.health->on_cancelled(plan.pass);
    return Dispatch::skipped;
  }
  if (!worker_.journal.reserve()) {
    plan.health->on_cancelled(plan.pass);
    return skip(Hope::soon, api_error::overloaded());
  }

  begin_row(plan, holding);
  static_cast<void>(on_gathered(0));  // by the attempt before
  wrote_max_tokens_ = plan.write_max_tokens;
  AttemptEvents& events = *this;
  attempt_ = std::make_unique<Attempt>(worker_, events, facts_, body_->view(), plan, row_, std::move(hold), deadline_);
  attempt_->start();
  overhead_ += worker_.timer.tick() - now;
  return Dispatch::started;
}

// What was learnt of the attempt before is in the journal already.
void ProxyExchange::begin_row(const AttemptPlan& plan, const HoldPlan& holding) {
  if (attempt_ != nullptr) row_.attempt = static_cast<std::uint16_t>(row_.attempt + 1);
  row_.state = RowState::open;
  row_.cost_source = CostSource::none;
  row_.status = 0;
  row_.flags = holding.clamped ? row_flag::clamped : 0;
  row_.usage = {};
  row_.hold = holding.hold;
  row_.cost = row_.upstream_cost = {};
  row_.first_byte = row_.ended = {};
  row_.provider = plan.provider->config.name;
  row_.target_model = row_model(plan.target_model);
  row_.price_version = plan.prices.version;
  row_.served_model = row_.generation_id = row_.error_code = row_.finish_reason = std::string_view();
}

ProxyExchange::Dispatch ProxyExchange::refused_by_cap(const Spend::Refusal& refusal, const HoldPlan& holding,
                                                      const PriceInForce& prices) {
  using Verdict = Spend::Verdict;
  api_error::SpendFigures figures;
  figures.period = refusal.period;
  figures.cap = refusal.view.cap;
  figures.spent = refusal.view.spent;
  figures.held = refusal.view.held;
  if (refusal.period != Period::total) figures.resets_at = refusal.resets_at;

  const bool waits = refusal.verdict == Verdict::lease_pending || refusal.verdict == Verdict::unavailable;
  if (waits && lease_waits_++ < kMostLeaseWaits) return Dispatch::waits;
  switch (refusal.verdict) {
    case Verdict::cap_reached:
      return skip(Hope::next_period, api_error::cap_reached(figures));
    case Verdict::exceeds_budget: {
      const Money left = left_under_all(project_.state->spend.views(project_.config.spend, row_.accepted));
      std::optional<std::int64_t> fits;
      if (prices.prices != nullptr && row_.endpoint == Endpoint::chat_completions) {
        fits = max_output_that_fits(*prices.prices, facts_.input_bound, facts_.images, facts_.audios, facts_.n, left,
                                    row_.accepted, holding.beside);
      }
      return skip(Hope::next_period, api_error::exceeds_budget(figures, holding.hold, fits));
    }
    case Verdict::unavailable:
      return skip(Hope::soon, api_error::unavailable("the ledger"));
    default:
      return skip(Hope::soon, api_error::cap_busy(figures));
  }
}

ProxyExchange::Dispatch ProxyExchange::skip(Hope hope, ApiError error) {
  if (hope > skip_hope_) {
    skip_hope_ = hope;
    skip_error_ = std::move(error);
  }
  return Dispatch::skipped;
}

// A target that cools down or whose breaker is open.
ProxyExchange::Dispatch ProxyExchange::skip_resting(const HealthRef& health) {
  const TimePoint now = worker_.timer.now();
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(health.usable_from(now) - now);
  if (health.cooling(now) == Duration{0}) return skip(Hope::resting, api_error::target_resting(wait));
  if (health.why_cooling() == TargetHealth::Cooling::credentials) {
    return skip(Hope::resting, api_error::provider_unavailable());
  }
  return skip(Hope::soon, api_error::provider_rate_limited(wait));
}

// When the first of the route's targets may be tried again.
TimePoint ProxyExchange::earliest_target() const {
  const TimePoint now = worker_.timer.now();
  TimePoint earliest = TimePoint::max();
  for (std::size_t i = 0; i < route_->targets.size(); ++i) {
    if ((declined_by_ & target_bit(i)) != 0) continue;
    const TargetConfig& target = route_->targets[i];
    const HealthRef health(worker_.health, target.provider, target_model(target, facts_.model), project_.state);
    earliest = std::min(earliest, health.usable_from(now));
  }
  return earliest;
}

// An attempt's own error says more than why another was not made.
void ProxyExchange::give_up() {
  if (attempt_ == nullptr) return refuse(skip_error_ ? *skip_error_ : api_error::provider_error());
  return fail_with(std::move(*attempt_error_));
}

void ProxyExchange::on_failed(const AttemptFailure& failure, ApiError error) {
  end_waiting();
  cost_ = cost_.plus_saturated(row_.cost);
  if (failure.final || !may_follow(snapshot_->config.retry, failure.kind)) return fail_with(std::move(error));
  attempt_error_ = std::move(error);
  if (is_about_request(failure.kind)) {
    declined_by_ |= target_bit(cursor_ - 1);
  } else {
    goes_round_ = true;
  }
  return advance();
}

}  // namespace gateway
