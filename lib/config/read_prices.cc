#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "config/scalars.h"
#include "config/sections.h"

namespace gateway {
namespace {

constexpr Key kFigureKeys[] = {
    {"input", "USD per million tokens, such as 0.15", "", "Tokens of the request."},
    {"output", "USD per million tokens, such as 0.15", "", "Tokens of the answer."},
    {"cached_input", "USD per million tokens, such as 0.15", "",
     "Tokens read from the provider's cache; without it as `input`."},
    {"cache_write", "USD per million tokens, such as 0.15", "", "Tokens written to it; without it as `input`."},
    {"cache_write_1h", "USD per million tokens, such as 0.15", "",
     "Tokens written to it for an hour, if the provider reports them apart; without it as `cache_write`."},
    {"reasoning", "USD per million tokens, such as 0.15", "", "Tokens of reasoning; without it as `output`."},
    {"audio_input", "USD per million tokens, such as 0.15", "",
     "Audio in the request, if the provider counts its tokens; without it as `input`."},
    {"image_input", "USD per million tokens, such as 0.15", "",
     "Images in the request, if the provider counts their tokens; without it as `input`."},
    {"audio_output", "USD per million tokens, such as 0.15", "", "Audio in the answer."},
    {"image_output", "USD per million tokens, such as 0.15", "", "Images in the answer."},
    {"request", "USD per request, such as 0.005", "", "Each request."},
    {"image", "USD per image, such as 0.005", "", "Each image in the request."},
    {"audio", "USD per audio, such as 0.005", "", "Each audio part in the request."},
    {"web_search", "USD per web_search, such as 0.005", "",
     "Each search that a request may make or, where the answer counts them, has made; of the web, or of a rerank."},
    {"image_output_each", "USD per image_output_each, such as 0.005", "", "Each image in the answer."},
    {"audio_second", "USD per audio_second, such as 0.005", "",
     "Each second of audio that is heard or spoken; parts of one count as such."},
    {"character", "USD per character, such as 0.005", "", "Each character of a text that is spoken."},
};

constexpr Key kPricesKeys[] = {
    {"service_tiers", "a mapping from tiers to factors, such as {priority: 2.0, flex: 0.5}", "",
     "Factors of all but `request` and `web_search`."},
    {"overrides", "a list", "",
     "Other prices under a condition; if several apply, the later one wins, figure by figure."},
};

constexpr Key kOverrideKeys[] = {
    {"min_prompt_tokens", "a whole number of at least 0", "", "For prompts of at least so many tokens."},
    {"utc_start", "a time of day such as \"16:30\"", "", "For requests accepted from then on, UTC ..."},
    {"utc_end", "a time of day such as \"00:30\"", "", "... and before then; may be past midnight."},
};

using Price = std::optional<Money> Prices::*;

constexpr Word<Price> kPerMillion[] = {{"input", &Prices::input},
                                       {"output", &Prices::output},
                                       {"cached_input", &Prices::cached_input},
                                       {"cache_write", &Prices::cache_write},
                                       {"cache_write_1h", &Prices::cache_write_1h},
                                       {"reasoning", &Prices::reasoning},
                                       {"audio_input", &Prices::audio_input},
                                       {"image_input", &Prices::image_input},
                                       {"audio_output", &Prices::audio_output},
                                       {"image_output", &Prices::image_output}};
constexpr Word<Price> kPerUnit[] = {{"request", &Prices::request},
                                    {"image", &Prices::image},
                                    {"audio", &Prices::audio},
                                    {"web_search", &Prices::web_search},
                                    {"image_output_each", &Prices::image_output_each},
                                    {"audio_second", &Prices::audio_second},
                                    {"character", &Prices::character}};

void get_figures(const Fields& fields, Prices& prices) {
  for (const auto& [key, member] : kPerMillion) {
    std::optional<Money> million;
    fields.get(key, million, "USD per million tokens, such as 0.15", scalars::amount);
    if (!million) continue;
    prices.*member = scalars::per_token(*million);
    if (prices.*member) continue;
    fields.mistake(key, fmt::format("{}: expected at most 6 decimals (10^-12 USD per token), found {} USD per million "
                                    "tokens",
                                    fields.where(key), million->to_string()));
  }
  for (const auto& [key, member] : kPerUnit) {
    fields.get(key, prices.*member, fmt::format("USD per {}, such as 0.005", key), scalars::amount);
  }
}

bool has_figure(const Fields& fields) {
  const auto given = [&fields](const Word<Price>& each) { return fields.has(each.text); };
  return std::any_of(std::begin(kPerMillion), std::end(kPerMillion), given) ||
         std::any_of(std::begin(kPerUnit), std::end(kPerUnit), given);
}

PriceOverride read_override(Reading& reading, const yaml::Node& node, const std::string& name) {
  PriceOverride result;
  const std::size_t before = reading.count();
  const Fields fields(reading, node, name, kOverrideSection);
  fields.whole("min_prompt_tokens", result.min_prompt_tokens, 0, kMostWhole);
  fields.get("utc_start", result.utc_start_minute, "a time of day such as \"16:30\"", scalars::minute_of_day);
  fields.get("utc_end", result.utc_end_minute, "a time of day such as \"00:30\"", scalars::minute_of_day);
  if (fields.has("utc_start") != fields.has("utc_end")) {
    reading.mistake(node.place, name + " needs both 'utc_start' and 'utc_end', or neither");
  }
  get_figures(fields, result.prices);
  if (reading.count() != before) return result;
  if (!fields.has("min_prompt_tokens") && !fields.has("utc_start")) {
    reading.mistake(node.place, name + " has no condition; expected 'min_prompt_tokens', or 'utc_start' and 'utc_end'");
  }
  if (!has_figure(fields))
    reading.mistake(node.place, name + " has no price; expected one such as 'input' or 'output'");
  return result;
}

// A factor with at most six decimals.
std::optional<std::int64_t> millionths(std::string_view text) {
  constexpr std::int64_t kUnits = Money::kUnitsPerDollar / 1'000'000;
  const auto factor = Money::parse(text);
  if (!factor || factor->units() <= 0 || *factor > Money::dollars(1000) || factor->units() % kUnits != 0) {
    return std::nullopt;
  }
  return factor->units() / kUnits;
}

void read_tiers(Reading& reading, const yaml::Node& node, const std::string& name, std::vector<ServiceTier>& tiers) {
  if (node.kind == yaml::Kind::scalar || node.kind == yaml::Kind::list) {
    reading.unexpected(node, name, "a mapping from tiers to factors, such as {priority: 2.0, flex: 0.5}",
                       yaml::describe(node.kind));
  }
  for (const yaml::Entry& entry : node.entries) {
    const std::string where = fmt::format("'{}' in {}", entry.key, name);
    const auto factor = reading.parsed(*entry.value, where, "a factor above 0, such as 2.0 or 0.5", millionths);
    if (factor) tiers.push_back({entry.key, *factor});
  }
}

}  // namespace

const Section kPricesSection{
    "models.NAME.targets[].prices", kFigureKeys, kPricesKeys,
    "At least one of `input`, `output`, `request` and the prices of units: `image_output_each`, "
    "`audio_second`, `character`. At most 6 decimals where it is per million tokens."};
const Section kOverrideSection{"models.NAME.targets[].prices.overrides[]", kOverrideKeys, kFigureKeys,
                               "A condition, and at least one price."};

void read_prices(Reading& reading, const yaml::Node& node, const std::string& name, Prices& prices) {
  const Fields fields(reading, node, name, kPricesSection);
  get_figures(fields, prices);
  constexpr std::string_view kEnough[] = {"input",        "output",   "request", "image_output_each",
                                          "audio_second", "character"};
  if (std::none_of(std::begin(kEnough), std::end(kEnough), [&](std::string_view key) { return fields.has(key); })) {
    reading.mistake(node.place, name + " has no price; expected at least 'input', 'output' or 'request'");
  }
  if (const yaml::Entry* tiers = fields.find("service_tiers")) {
    read_tiers(reading, *tiers->value, fields.where("service_tiers"), prices.service_tiers);
  }
  const yaml::Entry* overrides = fields.find("overrides");
  if (overrides == nullptr) return;
  if (overrides->value->kind != yaml::Kind::list) {
    reading.unexpected(*overrides->value, fields.where("overrides"), "a list", yaml::describe(overrides->value->kind));
  }
  for (const yaml::NodePtr& item : overrides->value->items) {
    const std::string where = fmt::format("override {} of {}", prices.overrides.size() + 1, name);
    prices.overrides.push_back(read_override(reading, *item, where));
  }
}

}  // namespace gateway
