// Why a request is not accepted: what the answer to it reports.
#pragma once

#include <string_view>

namespace gateway::http1 {

struct Refusal {
  int status = 0;            // 0: none
  std::string_view code;     // "malformed_http", ...
  std::string_view message;  // a literal
  explicit operator bool() const noexcept { return status != 0; }
};

constexpr Refusal malformed(std::string_view message) noexcept { return {400, "malformed_http", message}; }
constexpr Refusal too_large(int status, std::string_view message) noexcept {
  return {status, "request_too_large", message};
}

}  // namespace gateway::http1
