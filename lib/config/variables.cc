#include "config/variables.h"

#include <algorithm>

namespace gateway::variables {
namespace {

// What YAML gives a meaning to after the first byte of a plain or quoted scalar, and the control characters allowed
// in.
constexpr std::string_view kMeaningful = "{}[],:#'\"\\ ";
constexpr char kFirstMask = '\x0e';
static_assert(kFirstMask + static_cast<int>(kMeaningful.size()) <= 0x20);

bool is_name_start(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool is_name_byte(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

struct Reference {
  std::string_view name;
  std::optional<std::string_view> otherwise;
  std::size_t size = 0;  // 0: none is here
};

// `text` begins with "${".
Reference reference_at(std::string_view text) {
  std::size_t end = 2;
  if (end >= text.size() || !is_name_start(text[end])) return {};
  while (end < text.size() && is_name_byte(text[end])) ++end;
  Reference found{text.substr(2, end - 2), std::nullopt, 0};
  if (text.substr(end, 2) == ":-") {
    const std::size_t begin = end + 2;
    end = std::min(text.find_first_of("{}\r\n", begin), text.size());
    found.otherwise = text.substr(begin, end - begin);
  }
  if (end < text.size() && text[end] == '}') found.size = end + 1;
  return found;
}

}  // namespace

Expansion expand(std::string_view text, const Lookup& lookup) {
  Expansion result;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t next = text.find("${", at);
    result.text += text.substr(at, next - at);
    if (next == std::string_view::npos) break;
    if (next > at && text[next - 1] == '$') {
      result.text += '{';
      at = next + 2;
      continue;
    }
    const Reference reference = reference_at(text.substr(next));
    if (reference.size == 0) {
      result.broken.emplace_back(text.substr(next, 24));
      at = next + 2;
      continue;
    }
    result.replaced = true;
    const std::string name(reference.name);
    std::optional<std::string> value = lookup(name);
    if (reference.otherwise && (!value || value->empty())) value = std::string(*reference.otherwise);
    if (!value) result.missing.push_back(name);
    result.text += value.value_or("");
    at = next + reference.size;
  }
  return result;
}

std::string mask(std::string_view text) {
  std::string masked(text);
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
    const std::size_t size = reference_at(text.substr(at)).size;
    for (std::size_t i = at + 1; i < at + size; ++i) {
      const std::size_t which = kMeaningful.find(masked[i]);
      if (which != std::string_view::npos) masked[i] = static_cast<char>(kFirstMask + static_cast<int>(which));
    }
  }
  return masked;
}

std::string unmask(std::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    const int which = c - kFirstMask;
    if (which >= 0 && which < static_cast<int>(kMeaningful.size())) c = kMeaningful[static_cast<std::size_t>(which)];
  }
  return plain;
}

}  // namespace gateway::variables
