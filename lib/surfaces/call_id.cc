#include "surfaces/call_id.h"

#include "base/text_hash.h"

namespace gateway {

std::string call_id(std::string_view prefix, std::string_view given, std::string_view answer, int choice, int index) {
  if (!given.empty()) return std::string(given);
  return hashed_id(prefix, std::string(answer) + ":" + std::to_string(choice) + ":" + std::to_string(index));
}

}  // namespace gateway
