// Small things done to text.
#pragma once

#include <string_view>

namespace gateway {

// Without blanks and tabs at either end (OWS of RFC 9110, 5.6.3).
constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  return text;
}

}  // namespace gateway
