#include "app/cli/validators.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "config/scalars.h"

namespace gateway::app {
namespace {

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  return text;
}

CLI::Validator words_validator(std::vector<std::string> words, bool to_position) {
  return CLI::Validator(
      [words = std::move(words), to_position](std::string& input) {
        const auto found = std::find(words.begin(), words.end(), input);
        if (found == words.end()) return fmt::format("expected {}, found '{}'", listed(words), input);
        if (to_position) input = std::to_string(found - words.begin());
        return std::string();
      },
      "");
}

}  // namespace

CLI::Validator one_of(std::vector<std::string> words) { return words_validator(std::move(words), false); }
CLI::Validator enum_of(std::vector<std::string> words) { return words_validator(std::move(words), true); }

CLI::Validator whole_number(std::int64_t least, std::int64_t most) {
  return CLI::Validator(
      [least, most](std::string& input) {
        const auto number = scalars::whole(input);
        if (number && *number >= least && *number <= most) return std::string();
        const std::string range = most == std::numeric_limits<std::int64_t>::max()
                                      ? fmt::format("of at least {}", least)
                                      : fmt::format("from {} to {}", least, most);
        return fmt::format("expected a whole number {}, found '{}'", range, input);
      },
      "");
}

}  // namespace gateway::app
