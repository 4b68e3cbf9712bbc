// Counts refusals by their error code, and logs them: the first at once, then one line a second.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/time.h"

namespace gateway {

// Any thread, without locks.
class RefusedMeter {
 public:
  void count(std::string_view reason) noexcept { meters_[index(reason)].count.fetch_add(1, std::memory_order_relaxed); }
  // Counts too. A line for the log, if one is due; else empty.
  std::string sample(std::string_view reason, TimePoint now);
  // gateway_refused_total, in Prometheus text format.
  void write(std::string& out) const;

 private:
  // The codes of our own refusals; any other is counted as the last.
  static constexpr std::array<std::string_view, 26> kReasons{"invalid_api_key",
                                                             "invalid_admin_token",
                                                             "metrics_not_allowed",
                                                             "model_not_allowed",
                                                             "model_not_found",
                                                             "response_not_found",
                                                             "unknown_url",
                                                             "not_found",
                                                             "method_not_allowed",
                                                             "invalid_request_error",
                                                             "unsupported_content_encoding",
                                                             "unsupported_feature",
                                                             "no_target_fits",
                                                             "unpriced_model",
                                                             "unpriced_option",
                                                             "request_too_large",
                                                             "request_timeout",
                                                             "malformed_http",
                                                             "expectation_failed",
                                                             "rate_limit_exceeded",
                                                             "request_exceeds_limit",
                                                             "request_exceeds_budget",
                                                             "insufficient_quota",
                                                             "overloaded",
                                                             "unavailable",
                                                             "other"};
  struct Meter {
    std::atomic<std::int64_t> count{0};
    std::atomic<std::int64_t> reported{0};           // of `count`, in the log
    std::atomic<std::int64_t> next_line{INT64_MIN};  // ns on the monotonic clock
  };
  static std::size_t index(std::string_view reason) noexcept;

  std::array<Meter, kReasons.size()> meters_;
};

}  // namespace gateway
