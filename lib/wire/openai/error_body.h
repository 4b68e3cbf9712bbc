// Error answers in OpenAI's shape: {"error":{"message","type","param","code"}} plus metadata. See the contract's table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/config.h"
#include "gateway/money.h"
#include "gateway/time.h"
#include "wire/openai/answer_reader.h"

namespace gateway {

// One refusal or failure as a client sees it. It may be kept while other answers are read, so it owns its text.
struct ApiError {
  int status = 500;
  std::string type;  // "invalid_request_error"
  std::string code;  // empty: null
  std::string message;
  std::string param;     // empty: null
  std::string metadata;  // a JSON object; empty: none
  std::optional<std::chrono::milliseconds>
      retry_after;                // sent as retry-after (whole seconds, rounded up, 1..60) and -ms
  bool should_not_retry = false;  // x-should-retry: false; set by api_error for all that a retry cannot cure
  std::string allow;              // for 405
  std::string raw;                // the provider's body as it came, for clients of its shape
  bool is_overload = false;       // the provider's: Anthropic's clients know a status of its own for that
};

// The JSON document, appended.
void append_error_body(std::string& out, const ApiError& error);

// Whether the code is one that the gateway itself returns: those of the table below, their type where they have none,
// and `client_left`. Any other is a provider's own.
bool is_own_code(std::string_view code) noexcept;

// The contract's table, a function a row.
namespace api_error {
ApiError bad_request(std::string message, std::string param = {});
ApiError invalid_api_key();
ApiError metrics_not_allowed();
ApiError model_not_allowed(std::string_view model);
ApiError model_not_found(std::string_view model);
// Also one that another project has: that is not to be found out.
ApiError response_not_found(std::string_view id);
// `served`: what is, such as "GET /v1/models".
ApiError unknown_url(std::string_view method, std::string_view path, std::span<const std::string> served);
ApiError not_served_here(std::string_view served);  // an address for something else: health checks and `served`
ApiError method_not_allowed(std::string_view allow);
ApiError body_too_large(std::int64_t limit);
ApiError rate_limited(std::string_view type, std::int64_t limit,
                      std::chrono::milliseconds wait);  // requests|tokens|concurrency
ApiError tokens_exceed_limit(std::int64_t needed, std::int64_t limit);

struct SpendFigures {
  Period period = Period::total;
  Money cap, spent, held;
  std::optional<WallTime> resets_at;
};
ApiError cap_reached(const SpendFigures& figures);
ApiError cap_busy(const SpendFigures& figures);  // free when others settle
ApiError exceeds_budget(const SpendFigures& figures, Money needed, std::optional<std::int64_t> max_tokens_that_fit);
ApiError unpriced_model(std::string_view model);
ApiError unpriced_option(std::string_view field);   // requests what has no price, in a project with a strict cap
ApiError unsupported_feature(std::string message);  // this model's provider has no place for what is requested
ApiError no_target_fits(std::string_view why);      // the route has targets, but none for such a request
ApiError unbounded_input(
    std::string_view what);  // images, audio or files without a price in a project with a strict cap

ApiError provider_unavailable();
ApiError provider_rate_limited(std::optional<std::chrono::milliseconds> wait);
ApiError target_resting(std::chrono::milliseconds wait);  // its circuit breaker is open
ApiError provider_error();
ApiError provider_error(const ProviderError& error);  // with its reason
ApiError provider_timeout();
ApiError from_provider(int status, const ProviderError& error);  // the client's own fault, passed on
ApiError overloaded();
ApiError unavailable(std::string_view what);
}  // namespace api_error

}  // namespace gateway
