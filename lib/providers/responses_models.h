// What models of the Responses API can do and refuse: a table that ages, with its date.
#pragma once

#include <string_view>

#include "gateway/route.h"

namespace gateway {

inline constexpr std::string_view kResponsesModelsDate = "2026-11-28";

struct ResponsesModel {
  std::string_view name{};          // what the names of the family begin with
  bool thinks = true;               // takes an effort, and hands its reasoning over encrypted
  bool samples = true;              // takes temperature, top_p and log probabilities while it thinks
  std::string_view off = "none";    // the least effort that it takes
  std::string_view most = "xhigh";  // and the most
};

// The row with the longest name that fits, or one for models that nobody knows; with what is configured in its place.
ResponsesModel responses_model(std::string_view name, const ModelAbilities& configured) noexcept;

}  // namespace gateway
