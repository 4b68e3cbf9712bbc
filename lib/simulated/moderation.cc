#include "simulated/moderation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gateway {
namespace {

struct Category {
  std::string_view name;
  std::array<std::string_view, 8> words;  // in lower case; a word's beginning, so that "kill" is in "killed"
};

constexpr Category kCategories[] = {
    {"harassment", {"harass", "bully", "insult", "idiot", "stupid", "loser"}},
    {"harassment/threatening", {"threat", "hurt you", "beat you", "kill you", "find you"}},
    {"hate", {"hate", "racis", "bigot", "inferior race"}},
    {"hate/threatening", {"exterminat", "ethnic cleansing", "genocid"}},
    {"illicit", {"steal", "shoplift", "counterfeit", "drug deal", "cocaine", "launder"}},
    {"illicit/violent", {"bomb", "explosive", "hitman", "silencer"}},
    {"self-harm", {"suicid", "self-harm", "cut myself", "starve myself"}},
    {"self-harm/intent", {"kill myself", "end my life", "hurt myself", "want to die"}},
    {"self-harm/instructions", {"how to kill myself", "painless way to die"}},
    {"sexual", {"sexual", "porn", "nude", "erotic"}},
    {"sexual/minors", {"child porn", "underage sex"}},
    {"violence", {"violen", "kill", "murder", "stab", "shoot", "attack", "assault", "strangl"}},
    {"violence/graphic", {"gore", "behead", "dismember", "blood everywhere", "mutilat"}},
};

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// At the beginning of a word: "skill" has no "kill".
bool has_word(std::string_view lower, std::string_view word) noexcept {
  for (std::size_t at = lower.find(word); at != lower.npos; at = lower.find(word, at + 1)) {
    if (at == 0 || !is_letter(lower[at - 1])) return true;
  }
  return false;
}

bool is_flagged(const Category& category, std::string_view lower) noexcept {
  return std::any_of(category.words.begin(), category.words.end(),
                     [lower](std::string_view word) { return !word.empty() && has_word(lower, word); });
}

}  // namespace

void append_moderation(std::string& out, std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  bool any = false;
  std::string categories, scores, types;
  for (const Category& each : kCategories) {
    const bool flagged = is_flagged(each, lower);
    const std::string_view comma = categories.empty() ? "" : ",";
    any = any || flagged;
    categories += fmt::format(R"({}"{}":{})", comma, each.name, flagged);
    scores += fmt::format(R"({}"{}":{})", comma, each.name, flagged ? 0.9 : 0.01);
    types += fmt::format(R"({}"{}":["text"])", comma, each.name);
  }
  out += fmt::format(
      R"({{"flagged":{},"categories":{{{}}},"category_scores":{{{}}},"category_applied_input_types":{{{}}}}})", any,
      categories, scores, types);
}

}  // namespace gateway
