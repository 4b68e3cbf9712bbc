#include "proxy/answer_fields.h"

#include <algorithm>

#include "base/time_text.h"
#include "proxy/project_state.h"

namespace gateway {

void add_request_id(FieldList& fields, const RequestId& id, std::string_view client_request_id,
                    std::string_view other_name) {
  fields.add("x-request-id", id.text());
  if (!other_name.empty()) fields.add(other_name, id.text());
  if (!client_request_id.empty()) fields.add("x-client-request-id", client_request_id);
}

void add_rate_limits(FieldList& fields, const Project& project, TimePoint now) {
  const LimitsConfig& limits = project.config.limits;
  if (limits.requests_per_minute) {
    const auto reading = project.state->limits.requests(limits, now);
    fields.add("x-ratelimit-limit-requests", *limits.requests_per_minute);
    fields.add("x-ratelimit-remaining-requests", reading.remaining);
    fields.add("x-ratelimit-reset-requests", reset_text(reading.until_full));
  }
  if (limits.tokens_per_minute) {
    const auto reading = project.state->limits.tokens(limits, now);
    fields.add("x-ratelimit-limit-tokens", *limits.tokens_per_minute);
    fields.add("x-ratelimit-remaining-tokens", reading.remaining);
    fields.add("x-ratelimit-reset-tokens", reset_text(reading.until_full));
  }
}

void add_error_fields(FieldList& fields, const ApiError& error) {
  if (error.retry_after) {
    // SDKs ignore more than a minute, and take zero as leave to hammer.
    const std::int64_t ms = std::clamp<std::int64_t>(error.retry_after->count(), 1, 60'000);
    fields.add("retry-after", (ms + 999) / 1000);
    fields.add("retry-after-ms", ms);
  }
  if (!error.code.empty()) fields.add("x-gateway-error-code", std::string_view(error.code).substr(0, 64));
  if (error.should_not_retry) fields.add_view("x-should-retry", "false");
  if (!error.allow.empty()) fields.add_view("allow", error.allow);
  if (error.status == 426) fields.add_view("upgrade", "HTTP/1.1");  // what is spoken here (RFC 9110, 15.5.22)
}

std::string_view client_request_id(HeaderSpan headers) noexcept {
  std::string_view id = header_value(headers, "x-client-request-id");
  if (id.empty()) id = header_value(headers, "x-request-id");
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' ||
           c == '-';
  };
  if (id.size() > 128 || !std::all_of(id.begin(), id.end(), allowed)) return {};
  return id;
}

}  // namespace gateway
