#include "providers/anthropic_error.h"

#include <utility>

namespace gateway {
namespace {

int status_of(std::string_view type) noexcept {
  static constexpr std::pair<std::string_view, int> kTypes[] = {
      {"invalid_request_error", 400}, {"authentication_error", 401}, {"billing_error", 402},
      {"permission_error", 403},      {"not_found_error", 404},      {"conflict_error", 409},
      {"request_too_large", 413},     {"rate_limit_error", 429},     {"api_error", 500},
      {"timeout_error", 504},         {"overloaded_error", 529},
  };
  for (const auto& [name, status] : kTypes) {
    if (name == type) return status;
  }
  return 0;
}

bool says(const ProviderError& error, std::string_view words) noexcept {
  return error.message.find(words) != std::string::npos || error.rest.find(words) != std::string::npos ||
         error.more.find(words) != std::string::npos || error.code.find(words) != std::string::npos;
}

}  // namespace

void judge_anthropic_error(ProviderError& error, bool can_wait) noexcept {
  if (error.status == 0) error.status = status_of(error.type);
  // An account without credit, or at the limit that its owner has set, says so as a mistake in the request, or as too
  // many requests.
  error.wrong_key |= says(error, "credit balance is too low") || says(error, "specified API usage limits");
  error.wrong_key |= !can_wait && says(error, "enforced_spend_limit_reached");
}

}  // namespace gateway
