#include "wire/multipart/part_head.h"

#include <algorithm>

#include "base/text.h"
#include "gateway/headers.h"

namespace gateway {
namespace {

constexpr std::size_t kMaxBoundary = 70;

bool is_token_char(char c) noexcept {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kOthers.find(c) != std::string_view::npos;
}

// Those that a boundary may have in quotes beside the ones of tokens.
bool is_boundary_char(char c) noexcept {
  return is_token_char(c) || std::string_view(" ()/:=?,").find(c) != std::string_view::npos;
}

// The parameters after a value: "; name=token" or "; name=\"quoted\"". Calls each(name, value); false: they are broken,
// or `each` was.
template <class Each>
bool each_parameter(std::string_view text, const Each& each) {
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    if (text.front() != ';') return false;
    text = trimmed(text.substr(1));
    if (text.empty()) return true;  // a semicolon too many
    const std::size_t size =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_token_char) - text.begin());
    const std::string_view name = text.substr(0, size);
    text.remove_prefix(size);
    if (name.empty() || !text.starts_with('=')) return false;
    text.remove_prefix(1);
    std::string value;
    if (text.starts_with('"')) {
      std::size_t at = 1;
      for (; at < text.size() && text[at] != '"'; ++at) {
        // Browsers write Windows paths with single backslashes; only a quote or a backslash can be meant otherwise.
        const bool escapes = text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\');
        if (escapes) ++at;
        value += text[at];
      }
      if (at == text.size()) return false;
      text.remove_prefix(at + 1);
    } else {
      const std::string_view token = text.substr(0, text.find_first_of("; \t"));
      value = token;
      text.remove_prefix(token.size());
    }
    if (!each(name, value)) return false;
  }
  return true;
}

const char* read_disposition(std::string_view value, PartHead& head) {
  const std::string_view kind = trimmed(value.substr(0, value.find(';')));
  if (!equal_ignoring_case(kind, "form-data")) return "a part's Content-Disposition is not form-data";
  bool has_name = false;
  const bool whole = each_parameter(value.substr(std::min(value.size(), value.find(';'))),
                                    [&](std::string_view name, const std::string& text) {
                                      if (equal_ignoring_case(name, "name")) {
                                        if (has_name) return false;
                                        has_name = true;
                                        head.name = text;
                                      } else if (equal_ignoring_case(name.substr(0, 5), "name*")) {
                                        return false;  // another name, which some servers take instead
                                      } else if (equal_ignoring_case(name, "filename")) {
                                        if (head.filename) return false;
                                        head.filename = text;
                                      }
                                      return true;
                                    });
  if (!whole) return "a part's Content-Disposition cannot be read";
  return has_name ? nullptr : "a part has no name";
}

// What would have to be decoded is not what a provider would take it for.
bool is_as_it_is(std::string_view encoding) noexcept {
  return equal_ignoring_case(encoding, "binary") || equal_ignoring_case(encoding, "8bit") ||
         equal_ignoring_case(encoding, "7bit");
}

}  // namespace

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  const std::size_t end = std::min(content_type.size(), content_type.find(';'));
  if (!equal_ignoring_case(trimmed(content_type.substr(0, end)), "multipart/form-data")) return std::nullopt;
  std::optional<std::string> found;
  const bool whole = each_parameter(content_type.substr(end), [&](std::string_view name, const std::string& value) {
    if (!equal_ignoring_case(name, "boundary")) return true;
    if (found) return false;
    found = value;
    return true;
  });
  const bool fits = whole && found && !found->empty() && found->size() <= kMaxBoundary && found->back() != ' ' &&
                    std::all_of(found->begin(), found->end(), is_boundary_char);
  return fits ? found : std::nullopt;
}

const char* read_part_head(std::string_view text, PartHead& head) {
  head = {};
  bool has_disposition = false;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find("\r\n"));
    text.remove_prefix(std::min(text.size(), line.size() + 2));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is_token_char(line[0]) ||
        line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
      return "a part's head cannot be read";
    }
    const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
    if (equal_ignoring_case(name, "content-transfer-encoding") && !is_as_it_is(value)) {
      return "a part has a Content-Transfer-Encoding";
    }
    if (!equal_ignoring_case(name, "content-disposition")) continue;
    if (has_disposition) return "a part has two Content-Dispositions";
    has_disposition = true;
    if (const char* why = read_disposition(value, head)) return why;
  }
  return has_disposition ? nullptr : "a part has no Content-Disposition";
}

}  // namespace gateway
