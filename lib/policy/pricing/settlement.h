// What an attempt cost, from what was seen of it.
#pragma once

#include <cstdint>
#include <optional>

#include "gateway/row.h"
#include "policy/pricing/price_book.h"

namespace gateway {

// What an answer reports of its use and cost.
struct Reported {
  std::optional<Usage> usage;  // the last valid one
  std::optional<Money> cost;   // the provider's own figure
  // What the provider says that its own provider charges a key of one's own, on top of `cost`.
  std::optional<Money> upstream_cost;
  bool usage_odd = false;
  bool byok = false;
  bool output_unknown = false;  // it counts the input alone: the answer broke off before it told the output
  std::int64_t audio_output = 0, image_output = 0;  // tokens of the output, with that usage
  std::int64_t audio_input = 0, image_input = 0;    // tokens of its input, none of them read from a cache
  std::int64_t hour_writes = 0;                     // tokens of its cache_write that live for an hour
  FixedText<24> service_tier;                       // that the provider says it was served at; empty: it does not
};

// What a relay saw of one attempt's answer.
struct Observed : Reported {
  enum class Ending : std::uint8_t {
    whole,    // the answer came to its end
    cut_off,  // dispatched and broken off, by anyone: it may have been billed
    refused,  // nothing was done: not reached, or an error instead of an answer
  };
  Ending ending = Ending::refused;
  // What an answer costs of which nothing was seen before we ended it: the worst case, until somebody knows better.
  std::optional<Money> unseen_cost;
  std::int64_t emitted_bytes = 0;   // of text, in all choices
  std::int64_t emitted_events = 0;  // stream events that carried some
  std::int64_t input_estimate = 0;
  std::int64_t images = 0, audios = 0;
  Surcharges asked;                          // of the request
  std::optional<std::int64_t> output_bound;  // the most that all answers together can have been
  std::optional<std::int64_t> text_bound;    // see price(); absent with files, whose tokens no unit price pays for
};

struct Settlement {
  Usage usage;
  Money cost;           // all of it
  Money upstream_cost;  // the part of it that a key of one's own pays to the provider's provider
  CostSource source = CostSource::none;
  std::uint32_t flags = 0;  // row_flag
};

// The provider's own cost, else its token counts x prices, else the unseen answer's cost, else an estimate of both;
// nothing if nothing was done.
Settlement settle(const Observed& observed, const PriceInForce& prices, WallTime at) noexcept;

// Tokens that so much text probably was: at least one an event, at least a quarter of its bytes.
std::int64_t estimate_output(std::int64_t bytes, std::int64_t events) noexcept;

}  // namespace gateway
