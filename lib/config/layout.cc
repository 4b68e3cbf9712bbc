#include "config/layout.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace gateway::yaml {
namespace {

// A line that is neither blank nor a comment, and on which no bracket, quote or block of text was open.
struct LayoutLine {
  int number = 0;
  std::string_view indent;
  std::string_view content;  // without a comment and blanks at its end
};

struct Bracket {
  char open;
  Place place;
};

constexpr std::string_view kBlanks = " \t\r";

class LayoutScan {
 public:
  // Reads the lines up to `last`.
  LayoutScan(std::string_view text, int last) {
    for (int number = 1; number <= last && !text.empty(); ++number) {
      const std::size_t end = text.find('\n');
      read_line(text.substr(0, end), number);
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
  }

  const std::vector<LayoutLine>& lines() const { return lines_; }
  const std::vector<Bracket>& open_brackets() const { return brackets_; }

 private:
  void read_line(std::string_view line, int number) {
    const std::size_t start = std::min(line.find_first_not_of(kBlanks), line.size());
    if (start == line.size()) return;
    if (block_ >= 0 && static_cast<int>(start) > block_) return;  // of a text after '|' or '>'
    block_ = -1;
    if (line[start] == '#') return;
    const bool inside = quote_ != 0 || !brackets_.empty();
    const std::size_t end = scan_content(line, start, number);
    std::string_view content = line.substr(start, end - start);
    content = content.substr(0, content.find_last_not_of(kBlanks) + 1);
    if (inside || content.empty()) return;
    if (content.ends_with('|') || content.ends_with('>')) block_ = static_cast<int>(start);
    lines_.push_back({number, line.substr(0, start), content});
  }

  // Follows quotes and brackets. Returns where the line ends, or a comment begins.
  std::size_t scan_content(std::string_view line, std::size_t at, int number) {
    for (; at < line.size(); ++at) {
      const char c = line[at];
      const bool first = at == 0 || kBlanks.find(line[at - 1]) != kBlanks.npos || line[at - 1] == '[' ||
                         line[at - 1] == '{' || line[at - 1] == ',';
      if (quote_ != 0) {
        if (c == '\\' && quote_ == '"') ++at;
        if (c == quote_) quote_ = 0;
      } else if ((c == '"' || c == '\'') && first) {
        quote_ = c;
      } else if (c == '#' && first) {
        return at;
      } else if ((c == '[' || c == '{') && (first || !brackets_.empty()) && (at == 0 || line[at - 1] != '$')) {
        brackets_.push_back({c, {number, static_cast<int>(at) + 1}});
      } else if ((c == ']' || c == '}') && !brackets_.empty()) {
        if (brackets_.back().open == (c == ']' ? '[' : '{')) brackets_.pop_back();
      }
    }
    return at;
  }

  std::vector<LayoutLine> lines_;
  std::vector<Bracket> brackets_;
  char quote_ = 0;
  int block_ = -1;  // the indentation of the line whose text follows in a block
};

Mistake at_content(const LayoutLine& line, std::string message) {
  return {{line.number, static_cast<int>(line.indent.size()) + 1}, std::move(message)};
}

bool has_key(std::string_view content) {
  const bool flow = content.starts_with('{') || content.starts_with('[');
  return content.ends_with(':') || (!flow && content.find(": ") != content.npos);
}
bool is_item(std::string_view content) { return content == "-" || content.starts_with("- "); }

// The first tab of the lines that lead to the fault.
std::optional<Mistake> find_tab(const std::vector<LayoutLine>& lines) {
  const LayoutLine* found = nullptr;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (line->indent.find('\t') == line->indent.npos) {
      if (found != nullptr || line - lines.rbegin() > 1) break;
    } else {
      found = &*line;
    }
  }
  if (found == nullptr) return std::nullopt;
  return Mistake{{found->number, static_cast<int>(found->indent.find('\t')) + 1},
                 "a tab in the indentation; YAML is indented by spaces alone"};
}

std::string spaces(std::size_t count) { return fmt::format("{} space{}", count, count == 1 ? "" : "s"); }

// The first line whose indentation fits none of those above that it could continue.
std::optional<Mistake> find_indentation(const std::vector<LayoutLine>& lines) {
  std::vector<std::size_t> levels;
  const LayoutLine* before = nullptr;
  for (const LayoutLine& line : lines) {
    std::size_t indent = line.indent.size();
    std::string_view content = line.content;
    std::vector<std::size_t> above = levels;
    while (!levels.empty() && levels.back() > indent) levels.pop_back();
    const bool known = !levels.empty() && levels.back() == indent;
    if (!known && above.size() > levels.size()) {
      std::reverse(above.begin(), above.end());
      return at_content(line, fmt::format("an indentation of {} fits no line above; expected {}", spaces(indent),
                                          fmt::join(above, " or ")));
    }
    if (!known && before != nullptr && has_key(content)) {
      if (!has_key(before->content) && !is_item(before->content)) {
        return at_content(*before, fmt::format("expected ':' after '{}'", before->content));
      }
      if (!before->content.ends_with(':')) {
        return at_content(line, fmt::format("an indentation of {} is deeper than the line above, which has its value "
                                            "already; expected {}",
                                            spaces(indent), levels.empty() ? 0 : levels.back()));
      }
    }
    if (!known) levels.push_back(indent);
    while (is_item(content)) {
      const std::size_t next = std::min(content.find_first_not_of(' ', 1), content.size());
      indent += next;
      content.remove_prefix(next);
      if (has_key(content)) levels.push_back(indent);
    }
    before = &line;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Mistake> find_layout_fault(std::string_view text, Place reported) {
  const LayoutScan scan(text, reported.line);
  if (auto tab = find_tab(scan.lines())) return tab;
  if (auto indentation = find_indentation(scan.lines())) return indentation;
  if (scan.open_brackets().empty()) return std::nullopt;
  const Bracket& open = scan.open_brackets().back();
  return Mistake{open.place, fmt::format("this '{}' is not closed", open.open)};
}

}  // namespace gateway::yaml
