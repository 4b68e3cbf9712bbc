#include "proxy/target_plan.h"

#include <algorithm>
#include <string>

#include "policy/key_ring.h"
#include "providers/dialect.h"
#include "providers/length_field.h"
#include "providers/responses_body.h"
#include "proxy/hold_input.h"

namespace gateway {
namespace {

std::string_view unbounded_part(const RequestFacts& facts) noexcept {
  if (facts.images > 0) return "images";
  return facts.audios > 0 ? "audio" : "files";
}

std::optional<ApiError> refusal_of(const HoldPlan& plan, const RequestFacts& facts, std::string_view model) {
  switch (plan.verdict) {
    case HoldPlan::Verdict::ok:
      break;
    case HoldPlan::Verdict::unpriced_model:
      return api_error::unpriced_model(model);
    case HoldPlan::Verdict::unpriced_option:
      return api_error::unpriced_option(plan.option);
    case HoldPlan::Verdict::unbounded_input:
      return api_error::unbounded_input(unbounded_part(facts));
  }
  return std::nullopt;
}

// The target by which this provider is queried for `model` under that very name.
const TargetConfig* same_named_target(const Snapshot& snapshot, std::string_view provider, std::string_view model) {
  const RouteConfig* route = snapshot.router.find(model);
  if (route == nullptr) return nullptr;
  const auto found = std::find_if(route->targets.begin(), route->targets.end(), [&](const TargetConfig& each) {
    return each.provider == provider && target_model(each, model) == model;
  });
  return found == route->targets.end() ? nullptr : &*found;
}

// Whether the target's provider tries the models that the request names by itself, and may: it has a target for each.
bool tries_models(const Snapshot& snapshot, const RequestFacts& facts, const TargetConfig& target) {
  const std::vector<std::string>& models = facts.options.models;
  if (models.empty() || snapshot.provider(target.provider)->config.type != ProviderType::openrouter) return false;
  return std::all_of(models.begin(), models.end(), [&](const std::string& model) {
    return same_named_target(snapshot, target.provider, model) != nullptr;
  });
}

// A name that says more than a model's, if a client may spell it: under a route by the operator's own name it is the
// operator who says so.
bool says_to_openrouter(const Snapshot& snapshot, std::string_view model, std::string_view what) noexcept {
  if (model.find(what) == std::string_view::npos) return false;
  const RouteConfig* route = snapshot.router.find(model);
  if (route == nullptr || !route->pattern.ends_with('*')) return false;
  return std::any_of(route->targets.begin(), route->targets.end(), [&snapshot](const TargetConfig& target) {
    return target.model.empty() && snapshot.provider(target.provider)->config.type == ProviderType::openrouter;
  });
}

// "openai/gpt-4o@preset/mine", "@preset/mine".
bool names_preset(const Snapshot& snapshot, std::string_view model) noexcept {
  return says_to_openrouter(snapshot, model, "@preset/");
}

// What the name requests beside a model, as fields would: a preset, or a web search ("openai/gpt-4o:online").
RequestOptions with_named_options(RequestOptions options, bool preset, bool online) {
  if (preset && options.unpriced.empty()) options.unpriced = "model";
  if (online && options.search_field.empty()) options.search_field = "model";
  if (online) ++options.web_searches;
  return options;
}

// What a strict cap holds for has to be a bound where the target is: many servers know nothing of the newer name, and
// answer at any length.
bool bounds_by_unread_name(const HoldInput& input, const RequestFacts& facts, const TargetConfig& target,
                           const Provider& provider, std::string_view model) noexcept {
  if (!input.capped || input.mode != SpendMode::strict || facts.max_tokens || !facts.max_completion_tokens)
    return false;
  if (input.operation != Operation::chat || provider.dialect->shape() != Shape::openai) return false;
  return target.length_field.value_or(usual_length_field(provider.base.origin.host, model)) == LengthField::max_tokens;
}

TargetPlan plan_model(const Snapshot& snapshot, const RequestFacts& facts, const TargetConfig& target,
                      std::string_view asked, HoldInput input) {
  TargetPlan out;
  const Provider& provider = *snapshot.provider(target.provider);
  out.model = target_model(target, asked);
  out.price = snapshot.prices(target, provider, out.model);
  input.price = out.price;
  const std::int64_t max_output = snapshot.max_output(target, provider, out.model);
  input.target_max_output = max_output > 0 ? std::optional(max_output) : std::nullopt;
  if (provider.config.type == ProviderType::responses) input.target_least_output = kLeastResponse;
  const bool preset = names_preset(snapshot, asked), online = says_to_openrouter(snapshot, asked, ":online");
  if (preset || online) {
    const RequestOptions options = with_named_options(facts.options, preset, online);
    input.options = &options;
    out.holding = plan_hold(input);
  } else {
    out.holding = plan_hold(input);
  }
  std::optional<std::int64_t>& written = out.holding.write_max_tokens;
  if (!written && bounds_by_unread_name(input, facts, target, provider, out.model)) {
    written = facts.max_completion_tokens;
  }
  out.refusal = refusal_of(out.holding, facts, asked);
  return out;
}

}  // namespace

TargetPlan plan_target(const Snapshot& snapshot, const ProjectConfig& project, Operation operation,
                       const RequestFacts& facts, std::string_view asked, const TargetConfig& target,
                       std::optional<Money> expected_cost, WallTime at) {
  HoldInput input = hold_input(operation, facts, project, at);
  input.expected_cost = expected_cost;
  TargetPlan out = plan_model(snapshot, facts, target, asked, input);
  out.names_models = tries_models(snapshot, facts, target);
  if (!out.names_models) return out;
  for (const std::string& model : facts.options.models) {
    if (out.refusal) break;
    if (model == out.model) continue;
    const TargetConfig& other = *same_named_target(snapshot, target.provider, model);
    TargetPlan another = plan_model(snapshot, facts, other, model, input);
    if (another.refusal) {
      out.refusal = std::move(another.refusal);
      if (out.refusal->param == "model") out.refusal->param = "models";
      break;
    }
    // The shortest length that one of them requires is sent to all.
    HoldPlan& mine = out.holding;
    const auto length = another.holding.write_max_tokens;
    if (length && (!mine.write_max_tokens || *length < *mine.write_max_tokens)) mine.write_max_tokens = length;
    mine.clamped |= another.holding.clamped;
    if (another.holding.hold > mine.hold) {
      out.price = another.price;
      mine.beside = another.holding.beside;
      mine.hold = another.holding.hold;
    }
    mine.output_is_bounded &= another.holding.output_is_bounded;
    mine.output_bound = std::max(mine.output_bound, another.holding.output_bound);
  }
  return out;
}

std::optional<ApiError> refused_alternative(const Snapshot& snapshot, const ProjectConfig& project,
                                            const RequestFacts& facts) {
  const RequestOptions& options = facts.options;
  const auto refused = [](ApiError error, const char* param) {
    error.param = param;
    return error;
  };
  // A preset may choose any model, unless this one is allowed by its full name.
  const auto may_name = [&](const std::string& model) {
    const auto& allowed = project.models;
    return allowed.empty() || !names_preset(snapshot, model) ||
           std::find(allowed.begin(), allowed.end(), model) != allowed.end();
  };
  if (!may_name(facts.model)) return api_error::model_not_allowed(facts.model);
  for (const std::string& model : options.models) {
    if (snapshot.router.find(model) == nullptr) return refused(api_error::model_not_found(model), "models");
    if (!allows(project.models, model) || !may_name(model))
      return refused(api_error::model_not_allowed(model), "models");
  }
  if (options.preset && !project.models.empty()) return refused(api_error::model_not_allowed("@preset"), "preset");
  return std::nullopt;
}

}  // namespace gateway
