#include "base/extra_fields.h"

#include <algorithm>

#include "gateway/headers.h"

namespace gateway {
namespace {

// Fields that the gateway or its transport writes itself: a second one of them could be read instead of ours.
constexpr std::string_view kOwnFields[] = {"accept",
                                           "accept-encoding",
                                           "authorization",
                                           "connection",
                                           "content-encoding",
                                           "content-length",
                                           "content-type",
                                           "expect",
                                           "host",
                                           "keep-alive",
                                           "te",
                                           "trailer",
                                           "proxy-authorization",
                                           "upgrade",
                                           "transfer-encoding"};

constexpr std::string_view kNotAValue = "it has a space at an end or a control character";

bool is_token_byte(char c) noexcept {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

std::size_t size_of(ExtraFields fields) noexcept {
  std::size_t size = 0;
  for (const auto& [name, value] : fields) size += name.size() + value.size();
  return size;
}

}  // namespace

bool is_field_name(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_byte);
}

bool is_field_value(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  const bool edges = text.empty() || (!is_blank(text.front()) && !is_blank(text.back()));
  return edges && std::all_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
         });
}

std::string fault_of_name(ExtraFields before, std::string_view name) {
  const std::string quoted = "'" + std::string(name) + "'";
  if (!is_field_name(name)) return "expected the name of a header field, found " + quoted;
  const auto is_same = [name](std::string_view other) { return equal_ignoring_case(name, other); };
  if (is_same("authorization")) return quoted + " is written by the gateway, from 'api_key'";
  if (std::any_of(std::begin(kOwnFields), std::end(kOwnFields), is_same)) {
    return quoted + " is written by the gateway itself";
  }
  if (std::any_of(before.begin(), before.end(), [&](const auto& field) { return is_same(field.first); })) {
    return quoted + " is there twice";
  }
  if (before.size() >= kMaxExtraFields) {
    return "expected at most " + std::to_string(kMaxExtraFields) + " header fields, found " + quoted + " after them";
  }
  return {};
}

std::string fault_of_value(ExtraFields before, std::string_view name, std::string_view value) {
  if (!is_field_value(value)) return std::string(kNotAValue);
  if (size_of(before) + name.size() + value.size() > kMaxExtraFieldBytes) {
    return "expected at most " + std::to_string(kMaxExtraFieldBytes) + " bytes of header fields, and this is past them";
  }
  return {};
}

std::string fault_of_key(std::string_view key) {
  if (!is_field_value(key)) return std::string(kNotAValue) + ", which no key has";
  if (key.size() > kMaxProviderKey) return "it is longer than " + std::to_string(kMaxProviderKey) + " bytes";
  return {};
}

}  // namespace gateway
