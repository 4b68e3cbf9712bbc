// Names of tools, which may be longer for some providers than for others: Anthropic takes 128 characters, OpenAI 64.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_hash.h"
#include "chat/request.h"

namespace gateway {

inline constexpr std::size_t kMostOfToolName = 64;

// The name itself, or if it is longer one that begins alike and stands for it.
inline std::string short_tool_name(std::string_view name) {
  constexpr std::size_t kKept = kMostOfToolName - 17;  // without the digits of the hash
  return bounded_id(std::string(name.substr(0, kKept)) + '_', name, kMostOfToolName);
}

// Of the tools that take any text.
inline std::set<std::string_view> custom_names(const std::vector<chat::Tool>& tools) {
  std::set<std::string_view> names;
  for (const chat::Tool& tool : tools) {
    if (tool.kind == chat::Tool::Kind::custom) names.insert(tool.name);
  }
  return names;
}

}  // namespace gateway
