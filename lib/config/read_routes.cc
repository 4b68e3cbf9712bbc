#include <fmt/format.h>

#include <algorithm>

#include "base/names.h"
#include "base/nearest.h"
#include "config/scalars.h"
#include "config/sections.h"

namespace gateway {
namespace {

constexpr Key kRouteKeys[] = {
    {"strategy", "ordered", "ordered", "How a target is chosen: in the order of the list."},
    {"targets", "a list such as [{provider: openrouter}]", "", "Required. Tried in this order."},
};

constexpr Key kTargetKeys[] = {
    {"provider", "the name of one under 'providers'", "", "Required."},
    {"model", names::kModelExpected, "", "The provider's name for it; without it the name that the client asked for."},
    {"strip", "a prefix of the pattern's names such as beta/", "",
     "Under `prefix/*` or `*`, instead of `model`: taken off the beginning of the name."},
    {"weight", "a whole number from 1 to 1000000", "1", "Has no effect in this version."},
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
    fields.whole("weight", target.weight, 1, 1'000'000);
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
    static constexpr Word<Strategy> kStrategies[] = {{"ordered", Strategy::ordered}};
    const yaml::Entry* entry = fields.find("strategy");
    if (entry == nullptr) return;
    for (const std::string_view later : {"weighted", "cheapest", "fastest"}) {
      if (entry->value->text != later) continue;
      fields.mistake("strategy",
                     fmt::format("strategy '{}' is not supported by this version; expected ordered", later));
      return;
    }
    get_word(fields, "strategy", strategy, kStrategies);
  }

  RouteConfig read_route(const yaml::Entry& entry) const {
    RouteConfig route;
    route.pattern = entry.key;
    const Fields fields(reading, *entry.value, "model '" + entry.key + "'", kRouteSection);
    read_strategy(fields, route.strategy);
    const yaml::Entry* targets = fields.find("targets");
    if (targets == nullptr || targets->value->kind != yaml::Kind::list || targets->value->items.empty()) {
      reading.mistake(targets != nullptr ? targets->value->place : entry.place,
                      fields.name() + " has no 'targets'; expected a list such as [{provider: openrouter}]");
      return route;
    }
    for (const yaml::NodePtr& item : targets->value->items) {
      const std::string name = fmt::format("target {} of model '{}'", route.targets.size() + 1, entry.key);
      route.targets.push_back(read_target(*item, entry.key, name));
    }
    return route;
  }
};

}  // namespace

const Section kRouteSection{"models.NAME", kRouteKeys};
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
