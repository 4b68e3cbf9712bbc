// What things cost: prices by provider and model, from the configuration, a provider's catalogue or the built-in list.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/catalogue.h"
#include "base/request_options.h"
#include "gateway/config.h"
#include "gateway/money.h"
#include "gateway/row.h"

namespace gateway {

// One provider's list, immutable. `version` names it: "openrouter@2026-11-22T13:00:00Z".
struct Catalogue {
  std::string version;
  std::string base_url;  // of the provider that published it; empty: built in, or simulated
  std::vector<CatalogueModel> models;
  std::unordered_map<std::string_view, const CatalogueModel*> by_id;  // into models; built by index()
  void index();
  const CatalogueModel* find(std::string_view id) const noexcept;
};

// Prices in force for one request at one target.
struct PriceInForce {
  const Prices* prices = nullptr;  // null: unpriced
  std::string_view version;        // "config@1a2b3c4d", "builtin@2026-11", the catalogue's
};

// The figures that apply to a prompt of that size at that time of day, each with its fallback in place: never negative.
struct Rates {
  Money input, output, cached_input, cache_write, cache_write_1h, reasoning, request;
  std::optional<Money> image, audio, web_search, audio_input, image_input, audio_output, image_output;
  std::optional<Money> image_output_each, audio_second, character;

  Money dearest_input() const noexcept { return std::max({input, cached_input, cache_write}); }
  Money dearest_output() const noexcept { return std::max(output, reasoning); }
};
Rates rates_for(const Prices& prices, std::int64_t prompt_tokens, WallTime at) noexcept;

// What a request costs beside, or instead of, its tokens at the usual rates.
struct Surcharges {
  static constexpr std::int64_t kUsualTier = 1'000'000;
  std::int64_t tier = kUsualTier;  // millionths of the usual rates
  std::int64_t web_searches = 0;
  std::int64_t audio_input = 0, image_input = 0;  // tokens of the input, as an answer counts them
  std::int64_t hour_writes = 0;  // tokens written to the cache for an hour; for a worst case: whether there may be any
  std::int64_t audio_output = 0, image_output = 0;  // tokens of the output; for a worst case: whether there may be any
  std::int64_t images = 0, audio_ms = 0, characters = 0;  // the most that was asked for
  friend bool operator==(const Surcharges&, const Surcharges&) = default;
};
// In millionths; nullopt: not known. The usual tier goes by several names.
std::optional<std::int64_t> tier_factor(const Prices& prices, std::string_view tier) noexcept;
// Which field of a request asks for something that has no price here; empty: all of it has one.
std::string_view unpriced_option(const Prices& prices, const RequestOptions& options) noexcept;
// What it asks for, as far as it has a price.
Surcharges surcharges_for(const Prices& prices, const RequestOptions& options) noexcept;

// The exact cost of a usage: each input token is charged once (cached, written to the cache, or plain), each output
// token once (reasoning or plain). Parts larger than their whole are cut to it. Saturates at Money::max().
// Providers count images and audio as input tokens too. Where every one of them has a unit price, that price pays for
// them, and the input tokens charged (and the tier they decide) are at most `text_bound`, the most that the text alone
// can have been; absent: unknown, all are charged.
// Units beside tokens are charged as the usage counts them; those that it does not count, as `beside` has them.
Money price(const Prices& prices, const Usage& usage, std::int64_t images, std::int64_t audios, WallTime at,
            std::optional<std::int64_t> text_bound = std::nullopt, const Surcharges& beside = {}) noexcept;
// The dearest it can get for any usage with at most so many tokens, at any time from `at` up to an hour later; with
// images or audio that have a unit price also for any input, priced with `input_bound` as its text's bound.
Money worst_case(const Prices& prices, std::int64_t input_bound, std::int64_t output_bound, std::int64_t images,
                 std::int64_t audios, WallTime at, const Surcharges& beside = {}) noexcept;
// The most output tokens for each of `choices` whose worst case together is at most `budget`; nullopt: not even one, or
// output costs nothing.
std::optional<std::int64_t> max_output_that_fits(const Prices& prices, std::int64_t input_bound, std::int64_t images,
                                                 std::int64_t audios, std::int64_t choices, Money budget, WallTime at,
                                                 const Surcharges& beside = {}) noexcept;

// Prices of the main models of OpenAI, Anthropic, Mistral, Gemini and others, by the model's name as those providers
// use it. A vendor prefix ("openai/", "models/") is ignored, and so is a date or version behind a '-' where the list
// has no entry of that whole name: "gpt-4o-mini-2024-07-18" is gpt-4o-mini. The list's date is its version.
const CatalogueModel* builtin_price(std::string_view model) noexcept;
std::string_view builtin_version() noexcept;
const Catalogue& builtin_catalogue() noexcept;

}  // namespace gateway
