// What a request contains that changes its price.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

struct RequestOptions {
  std::string service_tier;       // as requested; empty: none
  std::int64_t web_searches = 0;  // that are requested, at most
  bool hour_cache = false;        // it may request a cache that lives for an hour
  bool audio_output = false;
  bool image_output = false;
  // The first field that requests something that no figure of ours pays for, or brings input that is not in the body;
  // empty: none does. The name is a literal.
  std::string_view unpriced;
  // The field that requests web searches, and that for audio or images in the answer. Literals.
  std::string_view search_field, output_field;
  // OpenRouter's: models that may answer instead, and a preset, which may choose any model.
  std::vector<std::string> models;
  bool preset = false;
};

}  // namespace gateway
