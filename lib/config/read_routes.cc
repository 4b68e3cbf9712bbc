#include <fmt/format.h>

#include <algorithm>

#include "base/names.h"
#include "base/nearest.h"
#include "config/scalars.h"
#include "config/sections.h"

namespace gateway {
namespace {

constexpr const char* kStrategyExpected = "ordered, weighted, cheapest, fastest or least_busy";

constexpr Key kRouteKeys[] = {
    {"strategy", kStrategyExpected, "ordered",
     "In which order targets are tried: see [Routing](routing.md). `ordered`: as they are listed."},
    {"sticky", "project, key, user, session, prefix or header:NAME", "",
     "With `weighted`: requests that have this in common go to the same target."},
    {"hedge", "a mapping", "",
     "A second attempt at the next target beside a slow first one, both of which cost; without it none."},
    {"targets", "a list such as [{provider: openrouter}]", "",
     "Required. At most 128, those of groups among them; an item that has `targets` itself is a group."},
};

constexpr const char* kHedgeAfterExpected = "p50 to p99, or a duration such as 250ms or 2s";

constexpr Key kHedgeKeys[] = {
    {"after", kHedgeAfterExpected, "p95",
     "When nothing of an answer has come: as soon as so many percent of the target's last answers had begun, or after "
     "a "
     "fixed time."},
    {"most", "a whole number from 1 to 10", "1",
     "Of one request; at most two attempts are under way at once, and each counts for `retry`."},
};

constexpr Key kTargetKeys[] = {
    {"provider", "the name of one under 'providers'", "", "Required, but for a group."},
    {"model", names::kModelExpected, "", "The provider's name for it; without it the name that the client asked for."},
    {"strip", "a prefix of the pattern's names such as beta/", "",
     "Under `prefix/*` or `*`, instead of `model`: taken off the beginning of the name."},
    {"weight", "a whole number from 1 to 1000000", "1",
     "Its share of the requests among its neighbours, under `weighted` and `least_busy`."},
    {"prices", "a mapping", "", "What it costs, before the provider's and the built-in list."},
    {"max_output_tokens", "a whole number of at least 1", "",
     "The longest answer: held for, unless the client bounds the length itself."},
    {"timeouts", "a mapping", "", "Its own time limits, with the keys of [timeouts](#timeouts)."},
    {"length_field", "max_tokens or max_completion_tokens", "",
     "What bounds an answer's length there; without it as its host and its model's name say."},
    {"ask_usage", "always or never", "", "Without it as its provider."},
    {"thinking", "none, budget, adaptive or either", "",
     "Providers of type `anthropic` or `gemini`: how thinking is requested of the model; without it as the built-in "
     "table says."},
    {"sampling", "both, one or none", "",
     "Providers of type `anthropic`: which of `temperature` and `top_p` the model takes; likewise."},
    {"schemas", "always or never", "",
     "Providers of type `anthropic`: whether the model answers by a JSON schema; likewise."},
    {"when", "a mapping", "", "For which requests it is; without it for all."},
    {"canary", "a mapping", "", "For which share of the requests it is; without it for all."},
    {"can", "tools, vision, json_schema and audio, as a list", "",
     "What it can do: requests that need more do not go there. Without it they do."},
    {"context_length", "a whole number of at least 1", "",
     "Tokens: requests that are longer, by the gateway's estimate and with their answer, do not go there."},
    {"targets", "a list such as [{provider: openrouter}]", "",
     "Makes it a group, which has a place among its neighbours as one target has: with `strategy`, `weight`, `when` "
     "and "
     "`canary` of its own, and nothing else."},
    {"strategy", kStrategyExpected, "", "Of a group: in which order its targets are tried; without it `ordered`."},
};

struct RouteReader {
  Reading& reading;
  const std::vector<ProviderConfig>& providers;
  const Timeouts& timeouts;

  void read_provider_name(const Fields& fields, std::string& out) const {
    if (!fields.has("provider")) {
      reading.mistake(fields.place(), fields.name() + " has no 'provider'; expected the name of one under 'providers'");
      return;
    }
    const std::size_t before = reading.count();
    fields.get("provider", out, "the name of one under 'providers'",
               [](std::string_view text) { return std::optional(std::string(text)); });
    const bool known =
        std::any_of(providers.begin(), providers.end(), [&](const ProviderConfig& p) { return p.name == out; });
    if (known || reading.count() != before) return;
    std::vector<std::string_view> all;
    for (const ProviderConfig& provider : providers) all.push_back(provider.name);
    const std::string_view meant = nearest(out, all);
    fields.mistake("provider", fmt::format("{} names provider '{}', which is not under 'providers'{}", fields.name(),
                                           out, meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant)));
  }

  // Only a pattern's names have a prefix to lose, and that of its own.
  static void read_strip(const Fields& fields, std::string_view pattern, TargetConfig& target) {
    if (!fields.has("strip")) return;
    const std::size_t before = fields.reading().count();
    fields.get("strip", target.strip, "a prefix of the pattern's names such as beta/",
               [](std::string_view text) -> std::optional<std::string> {
                 if (!names::is_model(text)) return std::nullopt;
                 return std::string(text);
               });
    if (fields.reading().count() != before) return;
    const std::string_view prefix = pattern.substr(0, pattern.size() - 1);
    if (!pattern.ends_with('*') || (pattern != "*" && !prefix.starts_with(target.strip))) {
      fields.mistake("strip", fmt::format("'strip' in {}: no name that '{}' stands for begins with '{}'", fields.name(),
                                          pattern, target.strip));
    } else if (!target.model.empty()) {
      fields.mistake("strip", fmt::format("{} has both 'model' and 'strip'; expected one of them", fields.name()));
    }
  }

  static void read_abilities(const Fields& fields, ModelAbilities& abilities) {
    static constexpr Word<Thinking> kThinking[] = {{"none", Thinking::none},
                                                   {"budget", Thinking::budget},
                                                   {"adaptive", Thinking::adaptive},
                                                   {"either", Thinking::either}};
    static constexpr Word<SamplingTaken> kSampling[] = {
        {"both", SamplingTaken::both}, {"one", SamplingTaken::one}, {"none", SamplingTaken::none}};
    static constexpr Word<bool> kSchemas[] = {{"always", true}, {"never", false}};
    Thinking thinking = Thinking::none;
    get_word(fields, "thinking", thinking, kThinking);
    if (fields.has("thinking")) abilities.thinking = thinking;
    SamplingTaken sampling = SamplingTaken::both;
    get_word(fields, "sampling", sampling, kSampling);
    if (fields.has("sampling")) abilities.sampling = sampling;
    bool schemas = false;
    get_word(fields, "schemas", schemas, kSchemas);
    if (fields.has("schemas")) abilities.schemas = schemas;
  }

  TargetConfig read_target(const yaml::Node& node, std::string_view pattern, const std::string& name) const {
    TargetConfig target;
    const Fields fields(reading, node, name, kTargetSection);
    read_provider_name(fields, target.provider);
    fields.get("model", target.model, names::kModelExpected, [](std::string_view text) -> std::optional<std::string> {
      if (!names::is_model(text)) return std::nullopt;
      return std::string(text);
    });
    read_strip(fields, pattern, target);
    read_share(fields, target);
    read_can(fields, target.can);
    fields.whole("context_length", target.context_length, 1, kMostWhole);
    if (fields.has("strategy")) {
      Strategy strategy = Strategy::ordered;
      read_strategy(fields, strategy);
      fields.mistake("strategy", fields.name() + " has a 'strategy' and no 'targets'; expected both in a group");
    }
    fields.whole("max_output_tokens", target.max_output_tokens, 1, kMostWhole);
    static constexpr Word<LengthField> kLengthFields[] = {
        {"max_tokens", LengthField::max_tokens}, {"max_completion_tokens", LengthField::max_completion_tokens}};
    LengthField length = LengthField::max_tokens;
    get_word(fields, "length_field", length, kLengthFields);
    if (fields.has("length_field")) target.length_field = length;
    bool ask = true;
    read_ask_usage(fields, ask);
    if (fields.has("ask_usage")) target.ask_usage = ask;
    read_abilities(fields, target.abilities);
    if (const yaml::Entry* prices = fields.find("prices")) {
      read_prices(reading, *prices->value, fields.where("prices"), target.prices.emplace());
    }
    if (const yaml::Entry* limits = fields.find("timeouts")) {
      read_timeouts(reading, *limits->value, fields.where("timeouts"), target.timeouts.emplace(timeouts));
    }
    return target;
  }

  static void read_strategy(const Fields& fields, Strategy& strategy) {
    static constexpr Word<Strategy> kStrategies[] = {{"ordered", Strategy::ordered},
                                                     {"weighted", Strategy::weighted},
                                                     {"cheapest", Strategy::cheapest},
                                                     {"fastest", Strategy::fastest},
                                                     {"least_busy", Strategy::least_busy}};
    get_word(fields, "strategy", strategy, kStrategies);
  }

  template <class Of>
  void read_share(const Fields& fields, Of& of) const {
    fields.whole("weight", of.weight, 1, 1'000'000);
    if (const yaml::Entry* when = fields.find("when"))
      read_condition(reading, *when->value, fields.where("when"), of.when.emplace());
    if (const yaml::Entry* canary = fields.find("canary"))
      read_canary(reading, *canary->value, fields.where("canary"), of.canary.emplace());
  }

  void read_group(const yaml::Node& node, const Fields& fields, RouteConfig& route, std::vector<TargetGroup>& groups,
                  std::size_t depth) const {
    TargetGroup group;
    group.first = route.targets.size();
    read_strategy(fields, group.strategy);
    read_share(fields, group);
    for (const yaml::Entry& entry : node.entries) {
      constexpr std::string_view kOfGroups[] = {"targets", "strategy", "weight", "when", "canary"};
      const bool known = has_key(kTargetSection, entry.key);
      if (known && std::find(std::begin(kOfGroups), std::end(kOfGroups), entry.key) == std::end(kOfGroups)) {
        reading.mistake(entry.place, fmt::format("{} is a group, which has no '{}'; expected it at its targets",
                                                 fields.name(), entry.key));
      }
    }
    if (depth == kMaxGroupDepth) {
      fields.mistake("targets", fmt::format("{}: groups are nested more than {} deep", fields.name(), kMaxGroupDepth));
      return;
    }
    read_targets(fields, fields.place(), route, group.groups, depth + 1);
    group.count = route.targets.size() - group.first;
    groups.push_back(std::move(group));
  }

  void read_targets(const Fields& fields, yaml::Place place, RouteConfig& route, std::vector<TargetGroup>& groups,
                    std::size_t depth) const {
    const yaml::Entry* targets = fields.find("targets");
    if (targets == nullptr || targets->value->kind != yaml::Kind::list || targets->value->items.empty()) {
      reading.mistake(targets != nullptr ? targets->value->place : place,
                      fields.name() + " has no 'targets'; expected a list such as [{provider: openrouter}]");
      return;
    }
    for (const yaml::NodePtr& item : targets->value->items) {
      const std::string name = fmt::format("target {} of model '{}'", route.targets.size() + 1, route.pattern);
      const bool is_group = std::any_of(item->entries.begin(), item->entries.end(),
                                        [](const yaml::Entry& entry) { return entry.key == "targets"; });
      if (is_group) {
        const std::string group =
            fmt::format("the group at target {} of model '{}'", route.targets.size() + 1, route.pattern);
        read_group(*item, Fields(reading, *item, group, kTargetSection), route, groups, depth);
      } else {
        route.targets.push_back(read_target(*item, route.pattern, name));
      }
    }
  }

  // "p95" or "800ms".
  static std::optional<HedgeConfig> parse_after(std::string_view text) {
    HedgeConfig hedge;
    if (!text.starts_with('p')) {
      hedge.after = scalars::duration(text);
      return hedge.after && hedge.after->count() > 0 ? std::optional(hedge) : std::nullopt;
    }
    const auto percentile = scalars::whole(text.substr(1));
    if (!percentile || *percentile < 50 || *percentile > 99) return std::nullopt;
    hedge.percentile = static_cast<int>(*percentile);
    return hedge;
  }

  static void read_hedge(Reading& reading, const yaml::Node& node, const std::string& name, HedgeConfig& hedge) {
    const Fields fields(reading, node, name, kHedgeSection);
    fields.get("after", hedge, kHedgeAfterExpected, parse_after);
    fields.whole("most", hedge.most, 1, 10);
  }

  RouteConfig read_route(const yaml::Entry& entry) const {
    RouteConfig route;
    route.pattern = entry.key;
    const Fields fields(reading, *entry.value, "model '" + entry.key + "'", kRouteSection);
    read_strategy(fields, route.strategy);
    read_identity(fields, "sticky", route.sticky);
    if (route.sticky && route.strategy != Strategy::weighted) {
      fields.mistake("sticky", fields.where("sticky") + " needs the strategy weighted");
    }
    if (const yaml::Entry* hedge = fields.find("hedge"))
      read_hedge(reading, *hedge->value, fields.where("hedge"), route.hedge.emplace());
    read_targets(fields, entry.place, route, route.groups, 0);
    if (route.targets.size() > kMaxTargets) {
      reading.mistake(entry.place, fmt::format("{} has {} targets; expected at most {}", fields.name(),
                                               route.targets.size(), kMaxTargets));
    }
    return route;
  }
};

}  // namespace

const Section kRouteSection{"models.NAME", kRouteKeys};
const Section kHedgeSection{"models.NAME.hedge", kHedgeKeys};
const Section kTargetSection{"models.NAME.targets[]", kTargetKeys};

void read_routes(Reading& reading, const yaml::Node& node, const std::vector<ProviderConfig>& providers,
                 const Timeouts& timeouts, std::vector<RouteConfig>& routes) {
  if (node.kind == yaml::Kind::scalar || node.kind == yaml::Kind::list) {
    reading.unexpected(node, "'models'", "a mapping from names to targets", yaml::describe(node.kind));
  }
  const RouteReader reader{reading, providers, timeouts};
  for (const yaml::Entry& entry : node.entries) {
    if (!names::is_pattern(entry.key)) {
      reading.mistake(entry.place,
                      fmt::format("under 'models': expected {}, found '{}'", names::kPatternExpected, entry.key));
    }
    routes.push_back(reader.read_route(entry));
  }
}

}  // namespace gateway
