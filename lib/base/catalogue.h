// One model of a provider's catalogue.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/config.h"

namespace gateway {

// What a provider publishes about one model. Prices below zero count as none.
struct CatalogueModel {
  std::string id;
  std::string name;
  std::int64_t created = 0;            // seconds since 1970
  std::int64_t context_length = 0;     // 0: unknown
  std::int64_t max_output_tokens = 0;  // 0: unknown
  Prices prices;
};

}  // namespace gateway
