#include <algorithm>
#include <utility>

#include "policy/pricing/builtin_prices.h"
#include "policy/pricing/price_book.h"

namespace gateway {
namespace {

constexpr std::string_view kVersion = "builtin@2026-11";
constexpr std::string_view kVendors[] = {"openai/", "anthropic/", "mistralai/", "mistral/",  "google/", "gemini/",
                                         "models/", "x-ai/",      "xai/",       "deepseek/", "cohere/"};

Prices prices_of(const BuiltinFigures& f) {
  const auto given = [](std::int64_t figure) {
    return figure == 0 ? std::nullopt : std::optional(Money::units(figure));
  };
  Prices p;
  p.input = Money::units(f.input);
  p.output = Money::units(f.output);
  p.cached_input = given(f.cached_input);
  p.cache_write = given(f.cache_write);
  return p;
}

// Anthropic's, at https://docs.claude.com/en/docs/about-claude/pricing in November 2026: a write to the cache that
// lives for an hour costs twice the input, a search of the web 10 USD a thousand.
constexpr std::string_view kClaude = "claude-";
constexpr Money kClaudeSearch = Money::units(Money::kUnitsPerDollar / 100);

void add_hour_writes(Prices& prices) { prices.cache_write_1h = prices.input->times_saturated(2); }

void add_claude_prices(Prices& prices) {
  add_hour_writes(prices);
  prices.web_search = kClaudeSearch;
}

// Gemini's at half the price for `flex`: https://ai.google.dev/gemini-api/docs/optimization, read in November 2026.
// `priority` costs 75 to 100% more, as the model has it: who uses it configures it.
constexpr std::string_view kGemini = "gemini-", kGeminiEmbedding = "gemini-embedding";
constexpr std::int64_t kHalf = 500'000;
// Audio heard by gemini-2.5-flash: the same list as its other prices, read on 2026-10-07.
constexpr std::string_view kGeminiWithAudio = "gemini-2.5-flash";
constexpr Money kGeminiAudio = Money::units(Money::kUnitsPerDollar / 1'000'000);

void add_gemini_prices(std::string_view model, Prices& prices) {
  if (model.starts_with(kGeminiEmbedding)) return;
  prices.service_tiers.push_back({"flex", kHalf});
  if (model == kGeminiWithAudio) prices.audio_input = kGeminiAudio;
}

// DeepSeek's at twice the price from 01:00 to 04:00 and from 06:00 to 10:00 UTC: its list, October 2026. It says so of
// working days in China; here it is every day, the dearer reading.
constexpr std::string_view kDeepSeek = "deepseek-";
constexpr std::pair<int, int> kPeaks[] = {{1 * 60, 4 * 60}, {6 * 60, 10 * 60}};

void add_peak_hours(Prices& prices) {
  for (const auto& [start, end] : kPeaks) {
    PriceOverride peak;
    peak.utc_start_minute = start;
    peak.utc_end_minute = end;
    for (const auto figure : {&Prices::input, &Prices::cached_input, &Prices::output}) {
      if (prices.*figure) peak.prices.*figure = (prices.*figure)->times_saturated(2);
    }
    prices.overrides.push_back(std::move(peak));
  }
}

CatalogueModel model_of(const BuiltinPrice& row) {
  CatalogueModel m;
  m.id = m.name = std::string(row.model);
  m.context_length = row.context;
  m.max_output_tokens = row.max_output;
  m.prices = prices_of(row.figures);
  const bool is_claude = row.model.starts_with(kClaude);
  if (is_claude) add_claude_prices(m.prices);
  if (row.model.starts_with(kGemini)) add_gemini_prices(row.model, m.prices);
  if (row.model.starts_with(kDeepSeek)) add_peak_hours(m.prices);
  if (row.long_from > 0) {
    PriceOverride longer;
    longer.min_prompt_tokens = row.long_from;
    longer.prices = prices_of(row.long_prompt);
    if (is_claude) add_hour_writes(longer.prices);
    m.prices.overrides.push_back(std::move(longer));
  }
  return m;
}

CatalogueModel model_of(const BuiltinMediaPrice& row) {
  const auto price = [&row](std::int64_t figure) {
    return figure == 0 && !row.free ? std::nullopt : std::optional(Money::units(figure));
  };
  CatalogueModel m;
  m.id = m.name = std::string(row.model);
  m.max_output_tokens = row.max_output;
  m.prices.input = price(row.input);
  m.prices.output = price(row.output);
  m.prices.image_input = price(row.image_input);
  m.prices.audio_second = price(row.audio_second);
  m.prices.character = price(row.character);
  m.prices.web_search = price(row.search);
  return m;
}

Catalogue build() {
  Catalogue c;
  c.version = std::string(kVersion);
  for (const BuiltinPrice& row : builtin_prices()) c.models.push_back(model_of(row));
  for (const BuiltinMediaPrice& row : builtin_media_prices()) c.models.push_back(model_of(row));
  c.index();
  return c;
}

std::string_view without_vendor(std::string_view model) noexcept {
  for (const std::string_view vendor : kVendors) {
    if (model.starts_with(vendor)) return model.substr(vendor.size());
  }
  return model;
}

// The forms that vendors date or number their versions with: 2024-07-18, 20250514, 0613 or 2512, 001, latest.
bool is_version(std::string_view text) noexcept {
  constexpr std::string_view kForms[] = {"dddd-dd-dd", "dddddddd", "dddd", "ddd"};
  const auto fits = [text](std::string_view form) {
    return std::equal(text.begin(), text.end(), form.begin(), form.end(),
                      [](char c, char f) { return f == 'd' ? c >= '0' && c <= '9' : c == f; });
  };
  return text == "latest" || std::any_of(std::begin(kForms), std::end(kForms), fits);
}

}  // namespace

const Catalogue& builtin_catalogue() noexcept {
  static const Catalogue catalogue = build();
  return catalogue;
}

std::string_view builtin_version() noexcept { return kVersion; }

const CatalogueModel* builtin_price(std::string_view model) noexcept {
  const std::string_view name = without_vendor(model);
  const Catalogue& catalogue = builtin_catalogue();
  if (const CatalogueModel* known = catalogue.find(name)) return known;
  for (std::size_t dash = name.rfind('-'); dash != std::string_view::npos && dash > 0;
       dash = name.rfind('-', dash - 1)) {
    if (!is_version(name.substr(dash + 1))) continue;
    if (const CatalogueModel* known = catalogue.find(name.substr(0, dash))) return known;
  }
  return nullptr;
}

}  // namespace gateway
