// Strings within JSON that is not parsed. For .cc files of this folder.
#pragma once

#include <cstddef>
#include <cstring>

namespace gateway::json {

inline const char* find_quote(const char* at, const char* end) noexcept {
  const void* found = at < end ? std::memchr(at, '"', static_cast<std::size_t>(end - at)) : nullptr;
  return found == nullptr ? end : static_cast<const char*>(found);
}

// The closing quote of a string whose content starts at `at`; `end`: there is none.
inline const char* string_end(const char* at, const char* end) noexcept {
  const char* from = at;
  for (;;) {
    const char* quote = find_quote(from, end);
    if (quote == end) return end;
    std::size_t backslashes = 0;
    while (quote - static_cast<std::ptrdiff_t>(backslashes) > at &&
           quote[-1 - static_cast<std::ptrdiff_t>(backslashes)] == '\\') {
      ++backslashes;
    }
    if (backslashes % 2 == 0) return quote;
    from = quote + 1;
  }
}

inline const char* skip_space(const char* at, const char* end) noexcept {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  return at;
}

}  // namespace gateway::json
