#include "gateway/result.h"

namespace gateway {

const char* to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid:
      return "invalid";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::exists:
      return "exists";
    case ErrorCode::refused:
      return "refused";
    case ErrorCode::unreachable:
      return "unreachable";
    case ErrorCode::lost:
      return "lost";
    case ErrorCode::timeout:
      return "timeout";
    case ErrorCode::protocol:
      return "protocol";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::newer_schema:
      return "newer_schema";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::fenced:
      return "fenced";
  }
  return "unknown";
}

}  // namespace gateway
