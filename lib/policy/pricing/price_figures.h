// The figures of Prices by name, for whoever names, shows or compares prices.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/config.h"

namespace gateway {

struct PriceFigure {
  std::string_view name;  // as in the configuration
  std::optional<Money> Prices::*figure;
  bool per_token;         // shown per million of them; else per request, image, audio part, search, second or character
  bool in_tables = true;  // few models have the others
  bool rare = false;      // shown in JSON alone, and only where there is one
};

inline constexpr PriceFigure kPriceFigures[] = {
    {"input", &Prices::input, true},
    {"output", &Prices::output, true},
    {"cached_input", &Prices::cached_input, true},
    {"cache_write", &Prices::cache_write, true},
    {"cache_write_1h", &Prices::cache_write_1h, true, false, true},
    {"reasoning", &Prices::reasoning, true},
    {"request", &Prices::request, false},
    {"image", &Prices::image, false},
    {"audio", &Prices::audio, false},
    {"web_search", &Prices::web_search, false, false},
    {"audio_input", &Prices::audio_input, true, false, true},
    {"image_input", &Prices::image_input, true, false, true},
    {"audio_output", &Prices::audio_output, true, false},
    {"image_output", &Prices::image_output, true, false},
    {"image_output_each", &Prices::image_output_each, false, false, true},
    {"audio_second", &Prices::audio_second, false, false, true},
    {"character", &Prices::character, false, false, true},
};

}  // namespace gateway
