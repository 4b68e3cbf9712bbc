#include "policy/pricing/builtin_prices.h"

#include <set>

#include "policy/pricing/price_book.h"
#include "policy/pricing/show_money.h"
#include "support/catch.h"

using namespace gateway;

namespace {

std::string known(std::string_view model) {
  const CatalogueModel* found = builtin_price(model);
  return found == nullptr ? "" : found->id;
}

}  // namespace

TEST_CASE("main models have their public prices", "[policy][builtin_prices]") {
  const CatalogueModel* mini = builtin_price("gpt-4o-mini");
  REQUIRE(mini != nullptr);
  REQUIRE(mini->prices.input == Money::parse("0.00000015").value());
  REQUIRE(mini->prices.cached_input == Money::parse("0.000000075").value());
  REQUIRE(mini->prices.output == Money::parse("0.0000006").value());
  REQUIRE_FALSE(mini->prices.cache_write);
  REQUIRE(mini->context_length == 128'000);
  REQUIRE(mini->max_output_tokens == 16'384);

  const WallTime at{};
  const CatalogueModel* gemini = builtin_price("gemini-2.5-pro");
  REQUIRE(gemini != nullptr);
  REQUIRE(rates_for(gemini->prices, 200'000, at).input == Money::parse("0.00000125").value());
  REQUIRE(rates_for(gemini->prices, 200'001, at).input == Money::parse("0.0000025").value());
  REQUIRE(rates_for(gemini->prices, 200'001, at).output == Money::parse("0.000015").value());

  const CatalogueModel* claude = builtin_price("claude-haiku-4-5");
  REQUIRE(claude != nullptr);
  REQUIRE(claude->prices.cache_write == Money::parse("0.00000125").value());
  REQUIRE(claude->prices.cache_write_1h == Money::parse("0.000002").value());
  REQUIRE(claude->prices.web_search == Money::parse("0.01").value());
  const CatalogueModel* longer = builtin_price("claude-sonnet-4-5");
  REQUIRE(rates_for(longer->prices, 200'001, at).cache_write_1h == Money::parse("0.000012").value());
  REQUIRE_FALSE(mini->prices.cache_write_1h);
  REQUIRE(builtin_price("mistral-embed")->prices.input == Money::parse("0.0000001").value());
}

TEST_CASE("audio, tiers and hours of the day have their prices", "[policy][builtin_prices]") {
  const WallTime night{std::chrono::hours(3)}, day{std::chrono::hours(12)};
  const CatalogueModel* deepseek = builtin_price("deepseek/deepseek-v4-pro");
  REQUIRE(deepseek != nullptr);
  REQUIRE(rates_for(deepseek->prices, 1, day).output == Money::parse("0.00000198").value());
  REQUIRE(rates_for(deepseek->prices, 1, night).output == Money::parse("0.00000396").value());
  REQUIRE(rates_for(deepseek->prices, 1, night).cached_input == Money::parse("0.000000044").value());

  const CatalogueModel* gemini = builtin_price("gemini-2.5-flash");
  REQUIRE(tier_factor(gemini->prices, "flex") == 500'000);
  REQUIRE_FALSE(tier_factor(gemini->prices, "priority"));
  Usage usage;
  usage.input = 1000;
  usage.cached_input = 200;
  usage.output = 10;
  Surcharges heard;
  heard.audio_input = 500;
  // 300 of text, 500 of audio, 200 from the cache, 10 of output.
  REQUIRE(price(gemini->prices, usage, 0, 1, day, {}, heard) == Money::parse("0.00009")
                                                                    .value()
                                                                    .plus_saturated(Money::parse("0.0005").value())
                                                                    .plus_saturated(Money::parse("0.000006").value())
                                                                    .plus_saturated(Money::parse("0.000025").value()));
  REQUIRE_FALSE(builtin_price("gemini-embedding-001")->prices.audio_input);

  const CatalogueModel* grok = builtin_price("x-ai/grok-4.7");
  REQUIRE(rates_for(grok->prices, 199'999, day).input == Money::parse("0.000002").value());
  REQUIRE(rates_for(grok->prices, 200'000, day).cached_input == Money::parse("0.000001").value());
  REQUIRE(builtin_price("command-r7b-12-2024")->prices.input == Money::parse("0.0000000375").value());
}

TEST_CASE("each kind of model has the price of what it is billed by", "[policy][builtin_prices]") {
  const auto prices = [](std::string_view model) {
    REQUIRE(builtin_price(model) != nullptr);
    return builtin_price(model)->prices;
  };
  Usage minute;
  minute.audio_ms = 60'000;
  CHECK(price(prices("whisper-1"), minute, 0, 0, {}) == Money::parse("0.006").value());
  CHECK(price(prices("gpt-transcribe"), minute, 0, 0, {}) == Money::parse("0.0045").value());
  Usage text;
  text.characters = 1'000'000;
  CHECK(price(prices("tts-1"), text, 0, 0, {}) == Money::parse("15").value());
  CHECK(price(prices("tts-1-hd"), text, 0, 0, {}) == Money::parse("30").value());
  Usage searches;
  searches.searches = 1'000;
  CHECK(price(prices("rerank-v3.5"), searches, 0, 0, {}) == Money::parse("2").value());
  Usage tokens;
  tokens.input = 1'000'000;
  tokens.output = 1'000'000;
  CHECK(price(prices("gpt-4o-transcribe"), tokens, 0, 0, {}) == Money::parse("12.5").value());
  CHECK(price(prices("openai/gpt-4o-mini-transcribe"), tokens, 0, 0, {}) == Money::parse("6.25").value());
  CHECK(price(prices("omni-moderation-latest"), tokens, 0, 0, {}) == Money{});
  CHECK(prices("omni-moderation-latest").input == Money{});
  Surcharges seen;
  seen.image_input = 400'000;  // of the million; the rest is text
  CHECK(price(prices("gpt-image-1"), tokens, 0, 0, {}, {}, seen) == Money::parse("47").value());
  CHECK(builtin_price("gpt-image-1")->max_output_tokens == 6'540);
  for (const char* model : {"dall-e-3", "dall-e-2", "gpt-4o-mini-tts"}) CHECK(builtin_price(model) == nullptr);
}

TEST_CASE("vendor prefixes are ignored, unknown ones are not", "[policy][builtin_prices]") {
  REQUIRE(known("openai/gpt-4o-mini") == "gpt-4o-mini");
  REQUIRE(known("anthropic/claude-haiku-4-5") == "claude-haiku-4-5");
  REQUIRE(known("mistralai/mistral-embed") == "mistral-embed");
  REQUIRE(known("models/gemini-2.5-pro") == "gemini-2.5-pro");
  REQUIRE(known("somebody/gpt-4o-mini") == "");
  REQUIRE(known("openai/openai/gpt-4o-mini") == "");
  REQUIRE(known("openai/") == "");
  REQUIRE(known("") == "");
}

TEST_CASE("dated variants are their model, if the list has no entry of their own", "[policy][builtin_prices]") {
  REQUIRE(known("gpt-4o-mini-2024-07-18") == "gpt-4o-mini");
  REQUIRE(known("gpt-4o-2024-08-06") == "gpt-4o");
  REQUIRE(known("gpt-4o-2024-05-13") == "gpt-4o-2024-05-13");
  REQUIRE(known("gpt-4-0613") == "gpt-4");
  REQUIRE(known("gpt-4-1106-preview") == "gpt-4-1106-preview");
  REQUIRE(known("claude-sonnet-4-20250514") == "claude-sonnet-4");
  REQUIRE(known("claude-sonnet-4-5-20250929") == "claude-sonnet-4-5");
  REQUIRE(known("claude-3-5-haiku-latest") == "claude-3-5-haiku");
  REQUIRE(known("gemini-2.0-flash-001") == "gemini-2.0-flash");
  REQUIRE(known("openai/gpt-4.1-nano-2025-04-14") == "gpt-4.1-nano");
}

TEST_CASE("a name that only begins like a known one is unknown", "[policy][builtin_prices]") {
  for (const char* model : {"gpt-4o-audio-preview", "gpt-4o-mini-realtime", "gpt-4o-minimal", "gpt-4o-mini:free",
                            "claude-opus-4-99", "gpt-4o-2024-05", "gpt-4o-mini-2024-07-18-ft", "o", "-", "-0613",
                            "text-embedding-4-small", "ft:gpt-4o-mini-2024-07-18:acme", "gpt-4o-", "GPT-4o"}) {
    INFO(model);
    REQUIRE(builtin_price(model) == nullptr);
  }
}

TEST_CASE("the list is sound", "[policy][builtin_prices]") {
  std::set<std::string_view> seen;
  for (const BuiltinPrice& row : builtin_prices()) {
    INFO(row.model);
    REQUIRE(seen.insert(row.model).second);
    REQUIRE(row.figures.input > 0);
    REQUIRE(row.figures.output >= 0);
    REQUIRE(row.figures.cached_input < row.figures.input);
    REQUIRE((row.figures.cache_write == 0 || row.figures.cache_write > row.figures.input));
    REQUIRE(row.context >= row.max_output);
    REQUIRE(row.context > row.long_from);
    if (row.long_from > 0) {
      REQUIRE(row.long_prompt.input > row.figures.input);
      REQUIRE(row.long_prompt.output > row.figures.output);
      REQUIRE((row.figures.cached_input == 0) == (row.long_prompt.cached_input == 0));
      REQUIRE((row.figures.cache_write == 0) == (row.long_prompt.cache_write == 0));
    }
  }
  for (const BuiltinMediaPrice& row : builtin_media_prices()) {
    INFO(row.model);
    REQUIRE(seen.insert(row.model).second);
    REQUIRE(builtin_price(row.model)->prices.known());
    REQUIRE(row.free == (row.input + row.output + row.audio_second + row.character + row.search == 0));
  }
  REQUIRE(builtin_catalogue().models.size() == seen.size());
  REQUIRE(builtin_catalogue().version == builtin_version());
  REQUIRE(builtin_version().substr(0, 8) == "builtin@");
}
