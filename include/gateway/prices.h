// What a model costs: USD per single unit. What is absent falls back as the comment beside it says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/money.h"

namespace gateway {

struct PriceOverride;
/// What a service tier costs: so many millionths of the usual figures (2'000'000: twice as much).
struct ServiceTier {
  std::string name{};
  std::int64_t millionths = 1'000'000;
};
struct Prices {
  std::optional<Money> input{};           ///< per token
  std::optional<Money> output{};          ///< per token
  std::optional<Money> cached_input{};    ///< per token read from the provider's cache; else input
  std::optional<Money> cache_write{};     ///< per token written to it; else input
  std::optional<Money> cache_write_1h{};  ///< per token written to it for an hour (Anthropic); else cache_write
  std::optional<Money> reasoning{};       ///< per token; else output
  std::optional<Money> request{};         ///< per request; else nothing
  std::optional<Money> image{};  ///< per image in the request; else a request with images has no known worst case
  std::optional<Money> audio{};  ///< per audio part in the request; likewise
  std::optional<Money>
      web_search{};  ///< per search, of the web or of a rerank; else a request for one has no worst case
  std::optional<Money> audio_input{};   ///< per token of audio in the request, where the answer counts them; else input
  std::optional<Money> image_input{};   ///< per token of images in the request; likewise
  std::optional<Money> audio_output{};  ///< per token of audio in the answer; likewise
  std::optional<Money> image_output{};  ///< per token of images in the answer; likewise
  /// What some operations are billed by instead of tokens, or beside them; else nothing.
  std::optional<Money> image_output_each{};  ///< per image in the answer
  std::optional<Money> audio_second{};       ///< per second of audio, heard or spoken
  std::optional<Money> character{};          ///< per character of text that is spoken
  std::vector<ServiceTier>
      service_tiers{};  ///< those other than the usual one; they change all figures per token and part
  std::vector<PriceOverride> overrides;

  bool known() const noexcept {
    return input.has_value() || output.has_value() || request.has_value() || knows_units();
  }
  bool knows_units() const noexcept {
    return image_output_each.has_value() || audio_second.has_value() || character.has_value() || web_search.has_value();
  }
  /// Whether answers have a price: one for input alone does not make output free.
  bool knows_output() const noexcept { return output.has_value() || (!input.has_value() && request.has_value()); }
};
/// Applies where all its conditions hold; of several, later ones win, figure by figure (as OpenRouter publishes them).
struct PriceOverride {
  std::int64_t min_prompt_tokens = 0;
  std::optional<int> utc_start_minute{},
      utc_end_minute{};  ///< of the day; may wrap past midnight; start included, end not
  Prices prices{};       ///< its own overrides are not looked at
};

}  // namespace gateway
