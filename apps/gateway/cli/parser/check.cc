#include "app/cli/parser/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/nearest.h"
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

Check words_check(std::vector<std::string> words, bool to_position) {
  const auto run = [words, to_position](std::string& input) {
    const auto found = std::find(words.begin(), words.end(), input);
    if (found == words.end()) return fmt::format("expected {}, found '{}'", listed(words), input);
    if (to_position) input = std::to_string(found - words.begin());
    return std::string();
  };
  return {run, std::move(words)};
}

}  // namespace

Check one_of(std::vector<std::string> words) { return words_check(std::move(words), false); }

Check one_of(std::vector<std::string> words, std::vector<std::pair<std::string, std::string>> other_names) {
  const auto run = [words, other_names = std::move(other_names)](std::string& input) {
    std::string lower = input;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    std::vector<std::string_view> known(words.begin(), words.end());
    for (const auto& [name, word] : other_names) {
      known.push_back(name);
      if (name == lower) lower = word;
    }
    if (std::find(words.begin(), words.end(), lower) != words.end()) return input = lower, std::string();
    const std::string_view near = nearest(lower, known);
    return fmt::format("expected {}, found '{}'{}", listed(words), input,
                       near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
  };
  return {run, std::move(words)};
}

Check enum_of(std::vector<std::string> words) { return words_check(std::move(words), true); }

Check whole_number(std::int64_t least, std::int64_t most) {
  return {[least, most](std::string& input) {
    const auto number = scalars::whole(input);
    if (number && *number >= least && *number <= most) return std::string();
    const std::string range = most == std::numeric_limits<std::int64_t>::max()
                                  ? fmt::format("of at least {}", least)
                                  : fmt::format("from {} to {}", least, most);
    return fmt::format("expected a whole number {}, found '{}'", range, input);
  }};
}

}  // namespace gateway::app
