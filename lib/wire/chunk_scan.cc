#include <cstring>

#include "wire/answer_reader.h"

namespace gateway {
namespace {

const char* find_quote(const char* at, const char* end) noexcept {
  const void* found = at < end ? std::memchr(at, '"', static_cast<std::size_t>(end - at)) : nullptr;
  return found == nullptr ? end : static_cast<const char*>(found);
}

bool starts_with(const char* at, const char* end, std::string_view text) noexcept {
  return static_cast<std::size_t>(end - at) >= text.size() && std::memcmp(at, text.data(), text.size()) == 0;
}

// The value behind a key's closing quote, or null where no colon follows: then it was no key.
const char* value_behind(const char* at, const char* end) noexcept {
  const auto skip_space = [&] {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  };
  skip_space();
  if (at == end || *at != ':') return nullptr;
  ++at;
  skip_space();
  return at;
}

// The closing quote of a string whose content starts at `at`.
const char* string_end(const char* at, const char* end) noexcept {
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

}  // namespace

ChunkHints scan_chunk(std::string_view json) noexcept {
  ChunkHints hints;
  const char* const end = json.data() + json.size();
  bool content_seen = false;
  for (const char* at = find_quote(json.data(), end); at < end; at = find_quote(at, end)) {
    ++at;
    if (starts_with(at, end, "usage\"")) {
      const char* value = value_behind(at + 6, end);
      if (value != nullptr) hints.may_have_usage |= !starts_with(value, end, "null");
      at += 6;
    } else if (starts_with(at, end, "finish_reason\"")) {
      const char* value = value_behind(at + 14, end);
      if (value != nullptr) hints.may_have_finish |= !starts_with(value, end, "null");
      at += 14;
    } else if (starts_with(at, end, "error\"")) {
      const char* value = value_behind(at + 6, end);
      if (value != nullptr) hints.may_have_error |= !starts_with(value, end, "null");
      at += 6;
    } else if (!content_seen && starts_with(at, end, "content\"")) {
      const char* value = value_behind(at + 8, end);
      at += 8;
      if (value == nullptr || value == end || *value != '"') continue;
      content_seen = true;
      at = string_end(value + 1, end);
      hints.content_bytes = at - (value + 1);
      if (at < end) ++at;
    }
  }
  return hints;
}

}  // namespace gateway
