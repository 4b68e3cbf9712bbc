#include <cstring>

#include "wire/json/quoted.h"
#include "wire/openai/answer_reader.h"
#include "wire/openai/weigh.h"

namespace gateway {
namespace {

bool starts_with(const char* at, const char* end, std::string_view text) noexcept {
  return static_cast<std::size_t>(end - at) >= text.size() && std::memcmp(at, text.data(), text.size()) == 0;
}

// The value after a key's closing quote, or null if no colon follows: then it was no key.
const char* value_behind(const char* at, const char* end) noexcept {
  at = json::skip_space(at, end);
  return at == end || *at != ':' ? nullptr : json::skip_space(at + 1, end);
}

}  // namespace

ChunkHints scan_chunk(std::string_view json) noexcept {
  ChunkHints hints;
  const char* const end = json.data() + json.size();
  Weight messages;
  bool has_delta = false;
  for (const char* at = json::find_quote(json.data(), end); at < end; at = json::find_quote(at, end)) {
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
    } else if (starts_with(at, end, "choices\"")) {
      const char* value = value_behind(at + 8, end);
      at += 8;
      if (value == nullptr || value == end || *value != '[') continue;
      value = json::skip_space(value + 1, end);
      hints.has_choices |= value < end && *value != ']';
    } else if (starts_with(at, end, "delta\"")) {
      const char* value = value_behind(at + 6, end);
      at += 6;
      if (value == nullptr || value == end || *value != '{') continue;
      has_delta = true;
      at = weigh_message(value, end, hints.weight);
    } else if (starts_with(at, end, "message\"")) {
      const char* value = value_behind(at + 8, end);
      at += 8;
      if (value == nullptr || value == end || *value != '{') continue;
      at = weigh_message(value, end, messages);
    }
  }
  // Beside what a chunk adds some services repeat the message so far.
  if (!has_delta) hints.weight = messages;
  return hints;
}

}  // namespace gateway
