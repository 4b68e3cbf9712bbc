#include "proxy/route_plan.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "policy/routing/route_needs.h"
#include "proxy/hold_input.h"
#include "wire/openai/routing_reader.h"

namespace gateway {
namespace {

int minute_of(WallTime at) noexcept {
  const auto since_midnight = at - std::chrono::floor<std::chrono::days>(at);
  return static_cast<int>(std::chrono::floor<std::chrono::minutes>(since_midnight).count());
}

std::uint8_t bit(bool needed, Ability ability) noexcept {
  return needed ? static_cast<std::uint8_t>(ability) : std::uint8_t{0};
}

std::optional<std::int64_t> output_of(const RequestFacts& facts) noexcept {
  if (!facts.max_tokens || !facts.max_completion_tokens)
    return facts.max_tokens ? facts.max_tokens : facts.max_completion_tokens;
  return std::max(*facts.max_tokens, *facts.max_completion_tokens);
}

// As a hold in mode `estimate`: the input's estimate, as much of it cached as lately, and a short answer. None: it has
// no price.
std::optional<Money> cost_at(const RouteQuery& query, std::size_t place, const TargetPace& pace) {
  const Snapshot& snapshot = query.snapshot;
  const TargetConfig& target = query.route.targets[place];
  KnownTarget known = snapshot.known_targets[snapshot.router.number(query.route)][place];
  if (target.model.empty()) {
    const std::string_view model = target_model(target, query.model);
    known.price = snapshot.prices(target, *known.provider, model);
    known.max_output = snapshot.max_output(target, *known.provider, model);
  }
  if (known.price.prices == nullptr) return std::nullopt;
  HoldInput input = hold_input(query.operation, query.facts, query.project, query.at);
  input.price = known.price;
  if (known.max_output > 0) input.target_max_output = known.max_output;
  input.cached_estimate = pace.cached_of(query.facts.input_estimate);
  input.mode = SpendMode::estimate;
  return plan_hold(input).hold;
}

std::string_view value_of(RouteFacts::NamedValues values, std::string_view name) noexcept {
  const auto found =
      std::find_if(values.begin(), values.end(), [name](const auto& each) { return each.first == name; });
  return found == values.end() ? std::string_view() : std::string_view(found->second);
}

RouteFacts facts_of(const RouteQuery& query) noexcept {
  RouteFacts facts;
  facts.project = query.project.name;
  facts.key = query.key;
  facts.key_name = query.key_name;
  facts.headers = query.headers;
  facts.input_tokens = query.facts.input_estimate;
  facts.max_output = output_of(query.facts);
  facts.needs = static_cast<std::uint8_t>(bit(query.facts.images > 0, Ability::vision) |
                                          bit(query.facts.audios > 0, Ability::audio));
  facts.minute = minute_of(query.at);
  facts.turn = query.turn;
  return facts;
}

// Who does far worse than the others is tried after them.
void put_outliers_last(const RouteQuery& query, const RouteState& state, RouteChoice& choice) noexcept {
  if (choice.size() < 2) return;
  std::bitset<kMaxTargets> resting;
  for (std::size_t i = 0; i < state.paces.size(); ++i) resting.set(i, state.paces[i]->rest.rests(query.now));
  if (resting.any()) choice.put_last(resting, most_resting(choice.size(), query.snapshot.config.outliers));
}

RouteChoice chosen(const RouteQuery& query, const RouteState& state) {
  RouteChoice choice;
  const std::vector<TargetConfig>& targets = query.route.targets;
  if (!state.needs.choice) return choice.take_all(targets.size()), choice;
  RouteFacts facts = facts_of(query);
  RoutingMembers members;
  if (state.needs.body) {
    members = read_routing_members(query.body);
    facts.metadata = members.metadata;
    append_tags(value_of(query.headers, kTagsHeader), members.tags);
    facts.tags = members.tags;
    facts.user = members.user;
    facts.session = members.session;
    facts.prefix = members.prefix;
    facts.needs = static_cast<std::uint8_t>(facts.needs | bit(members.tools, Ability::tools) |
                                            bit(members.json_schema, Ability::json_schema));
  }
  std::array<Candidate, kMaxTargets> candidates;
  std::copy(state.table->candidates.begin(), state.table->candidates.end(), candidates.begin());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    Candidate& each = candidates[i];
    each.first_event = state.paces[i]->first_event(query.now);
    each.in_flight = state.paces[i]->in_flight();
    if (state.needs.cost) each.cost = cost_at(query, i, *state.paces[i]);
  }
  choose(*state.table, facts, {candidates.data(), targets.size()}, choice);
  return choice;
}

}  // namespace

std::string_view model_at(const RequestFacts& facts, std::size_t number) noexcept {
  return number == 0 ? facts.model : facts.options.models[number - 1];
}

std::optional<std::size_t> model_after(const RequestFacts& facts, std::size_t number) noexcept {
  const auto came_before = [&](std::size_t next) {
    for (std::size_t i = 0; i < next; ++i) {
      if (model_at(facts, i) == model_at(facts, next)) return true;
    }
    return false;
  };
  while (++number <= facts.options.models.size()) {
    if (!came_before(number)) return number;
  }
  return std::nullopt;
}

RouteChoice plan_route(const RouteQuery& query) {
  const RouteState& state = query.snapshot.router.state(query.route);
  RouteChoice choice = chosen(query, state);
  put_outliers_last(query, state, choice);
  return choice;
}

ApiError no_target_fits(const RouteConfig& route, const RouteChoice& choice) {
  std::string why;
  for (std::size_t i = 0; i < route.targets.size(); ++i) {
    const std::string_view misfit = to_string(choice.misfit(i));
    if (misfit.empty() || why.find(misfit) != std::string::npos) continue;
    why.append(why.empty() ? "" : "; ").append(misfit);
  }
  return api_error::no_target_fits(why);
}

}  // namespace gateway
