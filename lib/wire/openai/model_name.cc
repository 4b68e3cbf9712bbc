#include "wire/openai/model_name.h"

#include <simdjson.h>

#include <algorithm>

namespace gateway {
namespace {

constexpr std::size_t kMaxModel = 512;

}  // namespace

std::string_view fault_of_model(std::string_view name) noexcept {
  if (name.empty()) return "it is empty.";
  if (name.size() > kMaxModel) return "it is longer than 512 bytes.";
  if (!simdjson::validate_utf8(name.data(), name.size())) return "it is not UTF-8.";
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return std::any_of(name.begin(), name.end(), is_control) ? "it holds a control character." : std::string_view();
}

}  // namespace gateway
