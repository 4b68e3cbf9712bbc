// The built-in price list as plain data.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gateway {

// Figures are micro-dollars per million tokens, which are Money's units per token. Zero if a figure falls back.
struct BuiltinFigures {
  std::int64_t input = 0;
  std::int64_t cached_input = 0;
  std::int64_t cache_write = 0;
  std::int64_t output = 0;
};

struct BuiltinPrice {
  std::string_view model;
  BuiltinFigures figures;
  std::int64_t context = 0;     // tokens; 0: unknown
  std::int64_t max_output = 0;  // tokens; 0: unknown
  std::int64_t long_from = 0;   // prompts of so many tokens and more pay `long_prompt` for all of their tokens; 0: none
  BuiltinFigures long_prompt;
};

// What is no conversation. Zero if there is no such price, unless all of it is free.
struct BuiltinMediaPrice {
  std::string_view model;
  std::int64_t input = 0, output = 0, image_input = 0;       // micro-dollars per million tokens
  std::int64_t audio_second = 0, character = 0, search = 0;  // Money's units each
  std::int64_t max_output = 0;                               // tokens; 0: unknown
  bool free = false;
};

// Sorted by nothing in particular; no model is there twice, in both together.
std::span<const BuiltinPrice> builtin_prices() noexcept;
std::span<const BuiltinMediaPrice> builtin_media_prices() noexcept;

}  // namespace gateway
