#include "wire/error_reader.h"

#include <array>

namespace gateway {
namespace {

using json::Kind;
using json::Text;
using json::Value;

bool names_moderation(std::string_view code) noexcept {
  static constexpr std::array<std::string_view, 5> kCodes{"content_policy_violation", "content_filter",
                                                          "moderation_blocked", "content_policy", "moderation"};
  for (const std::string_view known : kCodes) {
    if (known == code) return true;
  }
  return false;
}

// OpenRouter's moderation says why it flagged what.
bool metadata(json::Walk& walk, Value value, std::string& scratch, ProviderError& error) {
  if (walk.kind(value) != Kind::object) return walk.skip(value);
  return walk.object(value, [&](const Text& key, Value member) {
    const std::string_view name = json::unescaped(key, scratch);
    if ((name == "reasons" || name == "flagged_input") && walk.kind(member) != Kind::null) error.moderation = true;
    return walk.skip(member);
  });
}

}  // namespace

bool read_error_code(json::Walk& walk, Value value, ProviderError& error) {
  if (!walk.decimal_into(value, error.code)) return false;
  const auto status = json::to_integer(error.code);
  error.status = status && *status >= 400 && *status <= 599 ? static_cast<int>(*status) : 0;
  return true;
}

bool read_error(json::Walk& walk, Value value, std::string& scratch, bool& has_error, ProviderError& error) {
  if (walk.kind(value) == Kind::null) return walk.null(value);
  has_error = true;
  if (walk.kind(value) != Kind::object) return walk.text_into(value, error.message);
  const bool whole = walk.object(value, [&](const Text& key, Value member) {
    const std::string_view name = json::unescaped(key, scratch);
    if (name == "message") return walk.text_into(member, error.message);
    if (name == "type") return walk.text_into(member, error.type);
    if (name == "param") return walk.text_into(member, error.param);
    if (name == "code") return read_error_code(walk, member, error);
    if (name == "metadata") return metadata(walk, member, scratch, error);
    return walk.skip(member);
  });
  error.moderation |= names_moderation(error.code) || names_moderation(error.type);
  return whole;
}

}  // namespace gateway
