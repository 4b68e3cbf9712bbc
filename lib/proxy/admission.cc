#include "proxy/admission.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "chat/endpoint.h"
#include "proxy/target_plan.h"
#include "proxy/target_request.h"

namespace gateway {
namespace {

using Outcome = Considered::Outcome;

// What no request may pass: the smallest of what the caps leave, whichever of them is reported.
Money left_under_all(const std::vector<Spend::CapView>& caps) noexcept {
  Money left = Money::max();
  for (const Spend::CapView& cap : caps) left = std::min(left, cap.view.cap.minus(cap.view.spent).value_or(Money{}));
  return left;
}

Admission refused(Outcome outcome, Hope hope, ApiError error) {
  Admission out;
  out.outcome = outcome;
  out.hope = hope;
  out.error = std::move(error);
  return out;
}

// A staged configuration's targets have breakers of their own: what is wrong with it must not stop anybody else.
HealthRef health_of(GatewayWorker& worker, const Snapshot& snapshot, const Project& project, const TargetConfig& target,
                    std::string_view model) {
  if (snapshot.is_staged()) return HealthRef(*snapshot.own_breakers, target.provider, model, project.state);
  return HealthRef(worker.health, target.provider, model, project.state);
}

// A target that cools down or whose breaker is open.
Admission resting(const HealthRef& health, TimePoint now) {
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(health.usable_from(now) - now);
  if (health.cooling(now) == Duration{0})
    return refused(Outcome::resting, Hope::resting, api_error::target_resting(wait));
  if (health.why_cooling() == TargetHealth::Cooling::credentials)
    return refused(Outcome::resting, Hope::resting, api_error::provider_unavailable());
  return refused(Outcome::resting, Hope::soon, api_error::provider_rate_limited(wait));
}

Admission over_cap(const AdmissionInput& in, const Spend::Refusal& refusal, const AttemptPlan& plan) {
  using Verdict = Spend::Verdict;
  api_error::SpendFigures figures;
  figures.period = refusal.period;
  figures.cap = refusal.view.cap;
  figures.spent = refusal.view.spent;
  figures.held = refusal.view.held;
  if (refusal.period != Period::total) figures.resets_at = refusal.resets_at;
  switch (refusal.verdict) {
    case Verdict::cap_reached:
      return refused(Outcome::over_cap, Hope::next_period, api_error::cap_reached(figures));
    case Verdict::exceeds_budget: {
      const RequestFacts& facts = in.request.facts;
      const ProjectConfig& project = in.project.config;
      const Money left = left_under_all(in.project.state->spend.views(project.spend, in.request.accepted));
      std::optional<std::int64_t> fits;
      if (plan.prices.prices != nullptr && info_of(in.request.operation).has_output) {
        fits = max_output_that_fits(*plan.prices.prices, facts.input_bound, facts.images, facts.audios, facts.n, left,
                                    in.request.accepted, plan.holding.beside);
      }
      return refused(Outcome::over_cap, Hope::next_period, api_error::exceeds_budget(figures, plan.holding.hold, fits));
    }
    case Verdict::unavailable:
      return refused(Outcome::waits_for_lease, Hope::soon, api_error::unavailable("the ledger"));
    case Verdict::lease_pending:
      return refused(Outcome::waits_for_lease, Hope::soon, api_error::cap_busy(figures));
    default:
      return refused(Outcome::over_cap, Hope::soon, api_error::cap_busy(figures));
  }
}

}  // namespace

Admission admit(const AdmissionInput& in) {
  const ProjectConfig& project = in.project.config;
  ProjectState& state = *in.project.state;
  TargetPlan at_target = plan_target(in.snapshot, project, in.request.operation, in.request.facts, in.model, in.target,
                                     in.expected_cost, in.request.accepted);
  if (at_target.refusal) return refused(Outcome::priceless, Hope::never, std::move(*at_target.refusal));

  AttemptPlan plan;
  plan.provider = in.snapshot.provider(in.target.provider);
  plan.target = &in.target;
  plan.pace = &in.pace;
  plan.target_model = at_target.model;
  plan.prices = at_target.price;
  plan.holding = at_target.holding;
  plan.names_models = at_target.names_models;
  plan.timeouts = in.target.timeouts ? &*in.target.timeouts : &in.snapshot.config.timeouts;
  plan.health = health_of(in.worker, in.snapshot, in.project, in.target, plan.target_model);
  plan.capped = !project.spend.caps.empty();
  plan.staged = in.snapshot.is_staged();
  plan.max_event = in.snapshot.config.server.max_event;
  plan.max_answer = in.snapshot.config.server.max_answer;
  const auto translated = translate_for(*plan.provider, in.request);
  if (!translated) return refused(Outcome::unsupported, Hope::never, unsupported_by_target(translated.error()));
  plan.translated = *translated;

  const TimePoint now = in.worker.timer.now();
  plan.pass = plan.health->admits(now);
  if (!plan.pass) return resting(plan.health, now);
  // From here on the attempt returns the breaker's permit if it is not started.
  Admission out;
  out.attempt = std::make_unique<Attempt>(in.worker, in.events, in.request, plan);
  if (const auto written = out.attempt->write(); !written)
    return refused(Outcome::unsupported, Hope::never, unsupported_by_target(written.error()));
  const Spend::Refusal refusal = state.spend.admit(project.spend, plan.holding.hold, in.request.accepted, out.hold);
  if (refusal.verdict != Spend::Verdict::admitted) return over_cap(in, refusal, plan);
  if (in.is_first) {
    state.retries.on_dispatch();
  } else if (!state.retries.take(in.snapshot.config.retry.budget, now)) {
    Admission none;
    none.outcome = Outcome::over_budget;
    return none;
  }
  if (!in.worker.journal.reserve()) return refused(Outcome::no_room, Hope::soon, api_error::overloaded());
  return out;
}

TimePoint usable_from(GatewayWorker& worker, const Snapshot& snapshot, const Project& project,
                      const TargetConfig& target, std::string_view model) {
  return health_of(worker, snapshot, project, target, target_model(target, model)).usable_from(worker.timer.now());
}

}  // namespace gateway
