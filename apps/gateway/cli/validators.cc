#include "app/cli/validators.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "base/nearest.h"
#include "config/scalars.h"

namespace gateway::app {
namespace {

constexpr std::string_view kChoices = "choices ";  // begins the name of a validator that has some

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  return text;
}

CLI::Validator words_validator(std::vector<std::string> words, bool to_position) {
  const std::string name = fmt::format("{}{}", kChoices, fmt::join(words, "|"));
  CLI::Validator validator(
      [words = std::move(words), to_position](std::string& input) {
        const auto found = std::find(words.begin(), words.end(), input);
        if (found == words.end()) return fmt::format("expected {}, found '{}'", listed(words), input);
        if (to_position) input = std::to_string(found - words.begin());
        return std::string();
      },
      "");
  validator.name(name);
  return validator;
}

}  // namespace

CLI::Validator one_of(std::vector<std::string> words) { return words_validator(std::move(words), false); }

CLI::Validator one_of(std::vector<std::string> words, std::vector<std::pair<std::string, std::string>> other_names) {
  CLI::Validator validator = one_of(words);
  validator.operation([words = std::move(words), other_names = std::move(other_names)](std::string& input) {
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
  });
  return validator;
}
CLI::Validator enum_of(std::vector<std::string> words) { return words_validator(std::move(words), true); }

std::vector<std::string> choices_of(CLI::Option& option) {
  std::vector<std::string> words;
  for (int i = 0;; ++i) {
    const CLI::Validator* validator = nullptr;
    try {
      validator = option.get_validator(i);
    } catch (const CLI::OptionNotFound&) {
      return words;
    }
    std::string_view name = validator->get_name();
    if (!name.starts_with(kChoices)) continue;
    name.remove_prefix(kChoices.size());
    for (std::size_t at = 0; at <= name.size();) {
      const std::size_t bar = std::min(name.find('|', at), name.size());
      words.emplace_back(name.substr(at, bar - at));
      at = bar + 1;
    }
  }
}

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
