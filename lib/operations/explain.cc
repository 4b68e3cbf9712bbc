#include "operations/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/buffer.h"
#include "chat/endpoint.h"
#include "operations/snapshot.h"
#include "proxy/hold_input.h"
#include "proxy/route_plan.h"
#include "proxy/routing_view.h"
#include "proxy/target_plan.h"
#include "proxy/target_request.h"
#include "surfaces/openai.h"
#include "wire/json/text.h"
#include "wire/openai/request_reader.h"

namespace gateway::operations {
namespace {

std::string short_body(const ExplainQuery& query) {
  std::string model;
  append_json_string(model, query.model);
  switch (info_of(query.operation).body == EndpointInfo::Body::json ? query.operation : Operation::images) {
    case Operation::chat:
      return fmt::format(R"({{"model":{},"messages":[{{"role":"user","content":"Hello"}}]}})", model);
    case Operation::completions:
    case Operation::images:
      return fmt::format(R"({{"model":{},"prompt":"Hello"}})", model);
    case Operation::rerank:
      return fmt::format(R"({{"model":{},"query":"Hello","documents":["Hello"]}})", model);
    default:
      return fmt::format(R"({{"model":{},"input":"Hello"}})", model);
  }
}

// A form is explained by the texts in it, as JSON; what it uploads is taken for one image, or a minute of sound.
void note_uploads(const EndpointInfo& endpoint, RequestFacts& facts) {
  facts.images = 1;
  if (endpoint.meter == EndpointInfo::Meter::images) return;
  constexpr std::int64_t kMinute = 60'000;
  facts.images = 0;
  facts.n = 1;
  facts.units_bound = {.images = 0, .audio_ms = kMinute, .characters = 0, .searches = 0};
  facts.units_estimate = facts.units_bound;
}

// The first cap that has not enough left for it.
const CapState* binding_cap(const std::vector<CapState>& caps, Money hold) {
  for (const CapState& cap : caps) {
    if (cap.remaining() < MoneySum(hold) || cap.remaining() <= MoneySum()) return &cap;
  }
  return nullptr;
}

ApiError cap_error(const CapState& state, Money hold, const RequestFacts& facts, const PriceInForce& price,
                   const Surcharges& beside, WallTime now) {
  api_error::SpendFigures figures;
  figures.period = state.cap.period;
  figures.cap = state.cap.cap;
  figures.spent = state.spent.to_money_saturated();
  figures.held = state.held.to_money_saturated();
  if (state.cap.period != Period::total) figures.resets_at = state.resets_at;
  if (state.spent >= MoneySum(state.cap.cap)) return api_error::cap_reached(figures);
  if (MoneySum(hold) <= MoneySum(state.cap.cap) - state.spent) return api_error::cap_busy(figures);
  std::optional<std::int64_t> fits;
  if (price.prices != nullptr) {
    fits = max_output_that_fits(*price.prices, facts.input_bound, facts.images, facts.audios, facts.n,
                                state.remaining().to_money_saturated(), now, beside);
  }
  return api_error::exceeds_budget(figures, hold, fits);
}

// Why its provider cannot be asked for it, as the client would hear of it.
std::optional<ApiError> unsupported(const Snapshot& snapshot, const TargetConfig& target, const TargetPlan& plan,
                                    ExchangeRequest& request) {
  const Provider& provider = *snapshot.provider(target.provider);
  const auto translated = translate_for(provider, request);
  if (!translated) return unsupported_by_target(translated.error());
  BodyTexts texts;
  DialectOutput unsent;
  const auto written = write_for({.provider = provider,
                                  .target = target,
                                  .model = plan.model,
                                  .holding = plan.holding,
                                  .names_models = plan.names_models,
                                  .translated = *translated},
                                 request, texts, unsent);
  if (!written) return unsupported_by_target(written.error());
  return std::nullopt;
}

// Why the caps would have it passed over, as the client would hear of it.
std::optional<ApiError> cap_refusal(const ExplainedTarget& target, const RequestFacts& facts,
                                    const std::vector<CapState>& caps, WallTime now) {
  if (const CapState* cap = binding_cap(caps, target.plan.hold))
    return cap_error(*cap, target.plan.hold, facts, target.price, target.plan.beside, now);
  return std::nullopt;
}

std::vector<std::size_t> explained_order(const RouteConfig& route, const RouteChoice& choice) {
  std::vector<std::size_t> order(choice.order().begin(), choice.order().end());
  for (std::size_t i = 0; i < route.targets.size(); ++i) {
    if (choice.misfit(i) != Misfit::none) order.push_back(i);
  }
  return order;
}

// One of the models that may answer.
struct ModelRoute {
  std::string model;
  const RouteConfig* route;
  RouteChoice choice;
};

std::vector<ModelRoute> routes_of(const Snapshot& snapshot, const ProjectConfig& project, const ExplainQuery& query,
                                  const RequestFacts& facts, const PaddedBuffer& body) {
  std::vector<ModelRoute> out;
  for (std::optional<std::size_t> number = 0; number; number = model_after(facts, *number)) {
    const std::string model(model_at(facts, *number));
    const RouteConfig* route = snapshot.router.find(model);
    if (route == nullptr) continue;
    const RouteChoice choice = plan_route({.snapshot = snapshot,
                                           .route = *route,
                                           .project = project,
                                           .key = query.key,
                                           .key_name = query.key,
                                           .headers = query.headers,
                                           .operation = query.operation,
                                           .facts = facts,
                                           .model = model,
                                           .body = body,
                                           .turn = snapshot.router.next_turn(*route),
                                           .at = query.now,
                                           .now = query.clock});
    out.push_back({model, route, choice});
  }
  return out;
}

void add_live_figures(const Snapshot& snapshot, const ModelRoute& found, std::size_t place, const ExplainQuery& query,
                      ExplainedTarget& out) {
  using std::chrono::milliseconds;
  const TargetPace& pace = *snapshot.router.state(*found.route).paces[place];
  out.first_event = std::chrono::ceil<milliseconds>(pace.first_event(query.clock));
  out.in_flight = pace.in_flight();
  out.outlier = pace.rest.why(query.clock);
  out.last_for = std::chrono::ceil<milliseconds>(pace.rest.left(query.clock));
  if (const auto& hedge = found.route->hedge) {
    out.hedged_after = hedge->after ? *hedge->after
                                    : std::chrono::ceil<milliseconds>(pace.first_event(hedge->percentile, query.clock));
  }
  const Project* project = snapshot.project(query.project);
  if (query.health == nullptr || project == nullptr) return;
  const auto health = query.health->find(HealthTable::key(out.target->provider, out.model));
  if (health == nullptr) return;
  out.rests_for = std::chrono::ceil<milliseconds>(health->usable_from(query.clock, project->state) - query.clock);
}

}  // namespace

Explanation explain(std::shared_ptr<const Snapshot> snapshot, const ProjectConfig& project,
                    const std::vector<CapState>& caps, const ExplainQuery& query) {
  Explanation out;
  out.snapshot = std::move(snapshot);
  out.model = query.model;
  BufferPool buffers;
  ExchangeRequest request(buffers);
  request.surface = &surface_of(query.operation);
  request.operation = query.operation;
  RequestFacts& facts = request.facts;
  PaddedBuffer& body = *request.body;
  BadRequest why;
  body.append(query.body ? *query.body : short_body(query));
  RequestReader reader;
  const EndpointInfo& endpoint = info_of(query.operation);
  const bool is_form = endpoint.body == EndpointInfo::Body::multipart;
  if (!reader.read(is_form ? Operation::images : query.operation, body, facts, why, query.model)) {
    out.refusal = api_error::bad_request(std::move(why.message), std::move(why.param));
    return out;
  }
  if (is_form) note_uploads(endpoint, facts);
  out.readable = true;
  out.model = facts.model;
  out.input_bound = facts.input_bound;
  out.tokens = tokens_to_charge(hold_input(query.operation, facts, project, query.now), std::nullopt);
  out.allowed = allows(project.models, facts.model);
  out.route = out.snapshot->router.find(facts.model);
  if (out.route == nullptr) {
    out.refusal = api_error::model_not_found(facts.model);
    return out;
  }
  if (!out.allowed) {
    out.refusal = api_error::model_not_allowed(facts.model);
  } else if (const auto limit = project.limits.tokens_per_minute; limit && out.tokens > *limit) {
    out.refusal = api_error::tokens_exceed_limit(out.tokens, *limit);
  } else {
    out.refusal = refused_alternative(*out.snapshot, project, facts);
  }
  std::optional<ApiError> impossible, over_cap;
  bool any = false;
  const std::vector<ModelRoute> routes = routes_of(*out.snapshot, project, query, facts, body);
  const bool fits = std::any_of(routes.begin(), routes.end(), [](const auto& each) { return each.choice.size() > 0; });
  if (!out.refusal && !fits) out.refusal = no_target_fits(*routes.front().route, routes.front().choice);
  for (const ModelRoute& found : routes) {
    const auto& [model, route, choice] = found;
    for (const std::size_t place : explained_order(*route, choice)) {
      const TargetConfig& target = route->targets[place];
      TargetPlan plan =
          plan_target(*out.snapshot, project, query.operation, facts, model, target, std::nullopt, query.now);
      ExplainedTarget each;
      each.asked = model;
      each.target = &target;
      each.model = plan.model;
      each.price = plan.price;
      each.plan = plan.holding;
      add_live_figures(*out.snapshot, found, place, query, each);
      if (const auto misfit = to_string(choice.misfit(place)); !misfit.empty()) {
        each.rejected = misfit;
      } else if (out.refusal) {
        each.rejected = out.refusal->message;
      } else if (auto never =
                     plan.refusal ? std::move(plan.refusal) : unsupported(*out.snapshot, target, plan, request)) {
        each.rejected = never->message;
        if (!impossible) impossible = std::move(never);
      } else if (auto over = cap_refusal(each, facts, caps, query.now)) {
        each.rejected = over->message;
        if (!over_cap) over_cap = std::move(over);
      } else {
        any = true;
      }
      out.targets.push_back(std::move(each));
    }
  }
  // As of a request: what may change is reported before what cannot, and of either the first.
  if (!out.refusal && !any) out.refusal = over_cap ? std::move(over_cap) : std::move(impossible);
  return out;
}

Result<Explanation> explain(const Deployment& deployment, Catalogues catalogues, const ExplainQuery& query,
                            const Live& live) {
  const auto project = find_project(deployment, query.project);
  if (!project) return project.error();
  const auto caps = cap_states(*project, deployment.store, query.now);
  if (!caps) return caps.error();
  if (live.core != nullptr) {
    const RoutingView running = routing_of(*live.core);
    ExplainQuery now = query;
    now.clock = live.now;
    now.health = &running.breakers;
    return explain(running.snapshot, *project, *caps, now);
  }
  auto snapshot = make_snapshot_of(deployment, std::move(catalogues));
  if (!snapshot) return std::move(snapshot).error();
  return explain(std::move(*snapshot), *project, *caps, query);
}

}  // namespace gateway::operations
