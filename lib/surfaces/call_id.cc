#include "surfaces/call_id.h"

#include <cstdint>
#include <cstdio>

namespace gateway {

std::string call_id(std::string_view prefix, std::string_view given, std::string_view answer, int choice, int index) {
  if (!given.empty()) return std::string(given);
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  const auto mix = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  };
  mix(answer), mix(":"), mix(std::to_string(choice)), mix(":"), mix(std::to_string(index));
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return std::string(prefix) + text;
}

}  // namespace gateway
