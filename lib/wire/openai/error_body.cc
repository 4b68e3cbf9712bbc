#include "wire/openai/error_body.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/time_text.h"
#include "wire/json/text.h"

namespace gateway {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kInvalidRequest = "invalid_request_error";
constexpr std::string_view kServerError = "server_error";
constexpr std::string_view kQuota = "insufficient_quota";
constexpr std::size_t kShownName = 256;
constexpr std::size_t kShownMessage = 4096;

void append_nullable(std::string& out, std::string_view text) {
  if (text.empty()) {
    out += "null";
  } else {
    append_json_string(out, text);
  }
}

std::string quoted(std::string_view name) { return "'" + std::string(name.substr(0, kShownName)) + "'"; }

Money remaining(const api_error::SpendFigures& figures) {
  const MoneySum left = MoneySum(figures.cap) - figures.spent - figures.held;
  return left.is_negative() ? Money() : left.to_money_saturated();
}

// "of 25 USD for this month"
std::string cap_in_words(const api_error::SpendFigures& figures) {
  std::string text = "of " + figures.cap.to_string() + " USD";
  if (figures.period != Period::total) text.append(" for this ").append(to_string(figures.period));
  return text;
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out.append(out.size() == 1 ? "\"" : ",\"").append(name).append("\":");
  append_nullable(out, text);
}

// The members of the metadata, without the closing brace.
std::string spend_members(const api_error::SpendFigures& figures) {
  std::string json = "{";
  append_member(json, "limit", "spend");
  append_member(json, "period", to_string(figures.period));
  append_member(json, "cap", figures.cap.to_string());
  append_member(json, "spent", figures.spent.to_string());
  append_member(json, "held", figures.held.to_string());
  append_member(json, "remaining", remaining(figures).to_string());
  append_member(json, "resets_at", figures.resets_at ? rfc3339(*figures.resets_at) : std::string());
  return json;
}

ApiError make(int status, std::string_view type, std::string_view code, std::string message) {
  ApiError error;
  error.status = status;
  error.type = type;
  error.code = code;
  error.message = std::move(message);
  // The same request again gets the same answer; but 408 and 429 are about when it came.
  error.should_not_retry = status >= 400 && status < 500 && status != 408 && status != 429;
  return error;
}

ApiError retry_later(ApiError error, milliseconds wait) {
  error.retry_after = std::max(wait, milliseconds{0});
  return error;
}

ApiError never_retry(ApiError error) {
  error.should_not_retry = true;
  return error;
}

bool is_word(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '*';
}

// Providers name the calling account in some of their messages: that is ours, not the client's.
std::string without_account(std::string_view message) {
  static constexpr std::array<std::string_view, 4> kPrefixes{"org-", "sk-", "proj_", "acct_"};
  constexpr std::size_t kLeastIdentifier = 8;
  std::string out;
  for (std::size_t at = 0; at < message.size();) {
    std::size_t end = at;
    while (end < message.size() && is_word(message[end])) ++end;
    const std::string_view word = message.substr(at, end - at);
    const bool secret = std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](std::string_view prefix) {
      return word.size() >= prefix.size() + kLeastIdentifier && word.substr(0, prefix.size()) == prefix;
    });
    out.append(secret ? "[redacted]" : word);
    if (end < message.size()) out += message[end++];
    at = end;
  }
  return out;
}

std::string_view usual_message(int status) noexcept {
  switch (status) {
    case 403:
      return "The request was refused for its content.";
    case 404:
      return "The provider does not have what the request asks for.";
    case 413:
      return "The request is too large for the provider.";
    default:
      return "The provider refused the request.";
  }
}

bool is_digits(std::string_view text) noexcept {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

void append_error_body(std::string& out, const ApiError& error) {
  out += "{\"error\":{\"message\":";
  append_json_string(out, error.message);
  out += ",\"type\":";
  append_nullable(out, error.type);
  out += ",\"param\":";
  append_nullable(out, error.param);
  out += ",\"code\":";
  append_nullable(out, error.code);
  if (!error.metadata.empty()) out.append(",\"metadata\":").append(error.metadata);
  out += "}}";
}

bool is_own_code(std::string_view code) noexcept {
  static constexpr std::array<std::string_view, 26> kCodes{"rate_limit_exceeded",
                                                           "insufficient_quota",
                                                           "model_not_allowed",
                                                           "model_not_found",
                                                           "response_not_found",
                                                           "provider_unavailable",
                                                           "provider_error",
                                                           "provider_timeout",
                                                           "provider_rate_limited",
                                                           "request_exceeds_limit",
                                                           "request_exceeds_budget",
                                                           "unpriced_option",
                                                           "unpriced_input",
                                                           "unpriced_model",
                                                           "content_policy_violation",
                                                           "overloaded",
                                                           "unavailable",
                                                           "request_too_large",
                                                           "client_left",
                                                           "invalid_request_error",
                                                           "unsupported_feature",
                                                           "no_target_fits",
                                                           "invalid_api_key",
                                                           "unknown_url",
                                                           "method_not_allowed",
                                                           "metrics_not_allowed"};
  return std::find(kCodes.begin(), kCodes.end(), code) != kCodes.end();
}

namespace api_error {

ApiError bad_request(std::string message, std::string param) {
  ApiError error = make(400, kInvalidRequest, {}, std::move(message));
  error.param = std::move(param);
  return error;
}

ApiError invalid_api_key() {
  return make(401, kInvalidRequest, "invalid_api_key",
              "Incorrect API key provided, or none. Send a valid one as 'Authorization: Bearer gk-...'.");
}

ApiError metrics_not_allowed() {
  return make(
      403, "permission_error", "metrics_not_allowed",
      "The metrics are not served here. By default only clients on this machine get them; with metrics.listen in "
      "the configuration they have an address of their own, with metrics.token they are served to whoever "
      "sends it as 'Authorization: Bearer ...'.");
}

ApiError model_not_allowed(std::string_view model) {
  ApiError error =
      make(403, "permission_error", "model_not_allowed", "This project may not use the model " + quoted(model) + ".");
  error.param = "model";
  return error;
}

ApiError model_not_found(std::string_view model) {
  ApiError error = make(404, kInvalidRequest, "model_not_found", "The model " + quoted(model) + " does not exist.");
  error.param = "model";
  return error;
}

ApiError response_not_found(std::string_view id) {
  return make(404, kInvalidRequest, "response_not_found", "Response with id " + quoted(id) + " not found.");
}

ApiError unknown_url(std::string_view method, std::string_view path, std::span<const std::string> served) {
  std::string message =
      "Unknown URL (" + std::string(method.substr(0, 16)) + " " + std::string(path.substr(0, kShownName)) + ").";
  for (const std::string& each : served) {
    message += &each == &served.front() ? " There are " : &each == &served.back() ? " and " : ", ";
    message += each;
  }
  if (!served.empty()) message += '.';
  return make(404, kInvalidRequest, "unknown_url", std::move(message));
}

ApiError not_served_here(std::string_view served) {
  return make(404, kInvalidRequest, "unknown_url",
              "This address serves only " + std::string(served) + ", /healthz and /readyz.");
}

ApiError method_not_allowed(std::string_view allow) {
  ApiError error = make(405, kInvalidRequest, "method_not_allowed",
                        "This endpoint does not support that method. It supports: " + std::string(allow) + ".");
  error.allow = allow;
  return error;
}

ApiError body_too_large(std::int64_t limit) {
  return make(413, kInvalidRequest, "request_too_large",
              "The request body is larger than " + std::to_string(limit) + " bytes.");
}

ApiError rate_limited(std::string_view type, std::int64_t limit, milliseconds wait) {
  std::string message = "Rate limit reached for ";
  if (type == "concurrency") {
    message += "concurrent requests: at most " + std::to_string(limit) + " at a time.";
  } else {
    message += std::string(type) + " per minute: the limit is " + std::to_string(limit) + ".";
  }
  message += " Please try again in " + reset_text(std::max(wait, milliseconds{1})) + ".";
  return retry_later(make(429, type, "rate_limit_exceeded", std::move(message)), wait);
}

ApiError tokens_exceed_limit(std::int64_t needed, std::int64_t limit) {
  return never_retry(make(429, "tokens", "request_exceeds_limit",
                          "This request alone needs about " + std::to_string(needed) + " tokens; the limit is " +
                              std::to_string(limit) + " per minute. Make the prompt shorter or lower max_tokens."));
}

ApiError cap_reached(const SpendFigures& figures) {
  std::string message = "You have reached the spend cap " + cap_in_words(figures) + ".";
  if (figures.resets_at) message += " It resets at " + rfc3339(*figures.resets_at) + ".";
  ApiError error = never_retry(make(429, kQuota, kQuota, std::move(message)));
  error.metadata = spend_members(figures) + "}";
  return error;
}

ApiError cap_busy(const SpendFigures& figures) {
  return retry_later(make(429, "spend", "rate_limit_exceeded",
                          "What is left of the spend cap " + cap_in_words(figures) +
                              " is held for requests that are still running. Please try again when they are done."),
                     milliseconds{1000});
}

ApiError exceeds_budget(const SpendFigures& figures, Money needed, std::optional<std::int64_t> max_tokens_that_fit) {
  std::string message = "This request can cost up to " + needed.to_string() + " USD, but only " +
                        remaining(figures).to_string() + " USD is left of the spend cap " + cap_in_words(figures) + ".";
  if (max_tokens_that_fit) message += " It fits with max_tokens up to " + std::to_string(*max_tokens_that_fit) + ".";
  ApiError error = never_retry(make(429, kQuota, "request_exceeds_budget", std::move(message)));
  error.metadata = spend_members(figures) + ",\"needed\":\"" + needed.to_string() + "\",\"max_tokens_that_fit\":" +
                   (max_tokens_that_fit ? std::to_string(*max_tokens_that_fit) : "null") + "}";
  return error;
}

ApiError unpriced_model(std::string_view model) {
  ApiError error = make(
      400, kInvalidRequest, "unpriced_model",
      "No price is known for the model " + quoted(model) + ", so it cannot be used in a project that has a spend cap.");
  error.param = "model";
  return error;
}

ApiError unpriced_option(std::string_view field) {
  ApiError error =
      make(400, kInvalidRequest, "unpriced_option",
           "No price is known for what " + quoted(field) +
               " asks for here, so the request has no known worst case: it cannot be held against the spend cap.");
  error.param = field;
  return error;
}

ApiError unsupported_feature(std::string message) {
  return make(400, kInvalidRequest, "unsupported_feature", std::move(message));
}

ApiError no_target_fits(std::string_view why) {
  return make(400, kInvalidRequest, "no_target_fits",
              "No target of this model is for such a request: " + std::string(why) + ".");
}

ApiError unbounded_input(std::string_view what) {
  ApiError error =
      make(400, kInvalidRequest, "unpriced_input",
           "This model has no price for " + std::string(what) +
               ", so a request with them has no known worst case: it cannot be held against the spend cap.");
  error.param = "messages";
  return error;
}

ApiError provider_unavailable() {
  return make(502, kServerError, "provider_unavailable",
              "The provider of this model cannot be used at the moment. The operator of this gateway has been told.");
}

ApiError provider_rate_limited(std::optional<milliseconds> wait) {
  return retry_later(make(429, "requests", "provider_rate_limited",
                          "The provider of this model is receiving too many requests. Please try again later."),
                     wait.value_or(milliseconds{1000}));
}

ApiError target_resting(milliseconds wait) {
  return retry_later(make(502, kServerError, "provider_error",
                          "The provider of this model has failed several times in a row and is left alone for " +
                              reset_text(std::max(wait, milliseconds{1000})) + ". Please try again then."),
                     wait);
}

ApiError provider_error() {
  return make(502, kServerError, "provider_error", "The provider of this model failed to answer. Please try again.");
}

ApiError provider_error(const ProviderError& error) {
  ApiError out = provider_error();
  const std::string reason = whole_reason(error);
  if (!reason.empty()) {
    out.message = "The provider of this model failed to answer: " +
                  without_account(std::string_view(reason).substr(0, kShownMessage));
  }
  return out;
}

ApiError provider_timeout() {
  return make(504, kServerError, "provider_timeout", "The provider of this model did not answer in time.");
}

ApiError from_provider(int status, const ProviderError& error) {
  const std::string_view type = error.type.empty() ? kInvalidRequest : std::string_view(error.type);
  std::string_view code = is_digits(error.code) ? std::string_view() : std::string_view(error.code);
  if (code.empty() && error.moderation) code = "content_policy_violation";
  const std::string reason = whole_reason(error);
  const std::string_view message =
      reason.empty() ? usual_message(status) : std::string_view(reason).substr(0, kShownMessage);
  ApiError out = make(status, type, code, without_account(message));
  out.param = error.param;
  out.raw = error.raw;
  if (!error.rest.empty()) out.metadata = "{\"provider\":{" + without_account(error.rest) + "}}";
  return out;
}

ApiError overloaded() {
  return retry_later(make(503, kServerError, "overloaded", "The gateway is overloaded. Please try again."),
                     milliseconds{1000});
}

ApiError unavailable(std::string_view what) {
  return retry_later(make(503, kServerError, "unavailable", "The gateway cannot serve now: " + std::string(what) + "."),
                     milliseconds{1000});
}

}  // namespace api_error
}  // namespace gateway
