#include "http1/head_scan.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/eight_at_once.h"
#include "gateway/headers.h"

namespace gateway::http1 {
namespace {

using Table = std::array<bool, 256>;

constexpr Table letters_digits_and(std::string_view others) {
  Table table{};
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (char c : others) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr Table kToken = letters_digits_and("!#$%&'*+-.^_`|~");          // RFC 9110, 5.6.2
constexpr Table kAuthority = letters_digits_and("-._~!$&'()*+,;=%:[]");  // RFC 3986, 3.2.2, without user information
constexpr std::string_view kMethods[] = {"POST",  "GET",    "HEAD",  "OPTIONS", "PUT",
                                         "PATCH", "DELETE", "TRACE", "CONNECT"};

bool all_of(std::string_view text, const Table& table) noexcept {
  return std::all_of(text.begin(), text.end(), [&](char c) { return table[static_cast<unsigned char>(c)]; });
}

// All but tab.
bool has_control(std::string_view bytes) noexcept {
  return !eight::none(bytes, [](std::uint64_t word) {
    return (eight::below(word, 0x20) & ~eight::equal(word, '\t')) | eight::equal(word, 0x7f);
  });
}

bool visible_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

constexpr bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

Refusal check_version(std::string_view version) noexcept {
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return {};
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && digit(version[5]) &&
                           version[6] == '.' && digit(version[7]);
  if (well_formed) return {505, "malformed_http", "this server speaks HTTP/1.1"};
  return malformed("the request line does not end in an HTTP version");
}

Refusal check_target(std::string_view target, std::string_view method, TargetForm& form) noexcept {
  if (!visible_ascii(target)) return malformed("the request target has characters that a URL cannot have");
  if (target.find('#') != target.npos) return malformed("the request target has a fragment");
  if (target == "*") {
    if (method != "OPTIONS") return malformed("only OPTIONS may ask for *");
    return form = TargetForm::asterisk, Refusal{};
  }
  if (target.starts_with('/')) return form = TargetForm::origin, Refusal{};
  const std::size_t scheme = target.find("://");
  if (scheme == target.npos || (!equal_ignoring_case(target.substr(0, scheme), "http") &&
                                !equal_ignoring_case(target.substr(0, scheme), "https"))) {
    return malformed("the request target is neither a path nor an http URL");
  }
  const std::string_view rest = target.substr(scheme + 3);
  if (!valid_authority(rest.substr(0, rest.find_first_of("/?")))) return malformed("the request target names no host");
  return form = TargetForm::absolute, Refusal{};
}

// Lines come without their CRLF.
Refusal check_request_line(std::string_view line, const RequestLimits& limits, TargetForm& form) noexcept {
  if (line == "PRI * HTTP/2.0") return malformed("this server speaks HTTP/1.1, not HTTP/2");
  const std::size_t first = line.find(' ');
  if (first == line.npos) return malformed("the request line is not: method, target, version");
  const std::size_t second = line.find(' ', first + 1);
  if (second == line.npos) return malformed("the request line is not: method, target, version");
  const std::string_view method = line.substr(0, first), target = line.substr(first + 1, second - first - 1);
  if (method.empty() || !all_of(method, kToken)) return malformed("the method is not a token");
  if (target.empty()) return malformed("the request line is not: method, target, version");
  if (Refusal refusal = check_version(line.substr(second + 1))) return refusal;
  if (target.size() > limits.max_target) return too_large(414, "the request target is too long");
  if (std::find(std::begin(kMethods), std::end(kMethods), method) == std::end(kMethods)) {
    return {405, "method_not_allowed", "the method is not one this server knows"};
  }
  return check_target(target, method, form);
}

Refusal check_field_line(std::string_view line) noexcept {
  if (line.front() == ' ' || line.front() == '\t') return malformed("a header field is folded over several lines");
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return malformed("a header field has no colon");
  if (colon == 0) return malformed("a header field has no name");
  if (!all_of(line.substr(0, colon), kToken)) return malformed("a header field's name is not a token");
  return {};
}

}  // namespace

bool valid_authority(std::string_view text) noexcept { return !text.empty() && all_of(text, kAuthority); }

std::size_t HeadScan::advance(std::string_view head, const RequestLimits& limits, Refusal& refusal) noexcept {
  for (;;) {
    const std::size_t feed = head.find('\n', seen_);
    const std::size_t end = feed == head.npos ? head.size() : feed + 1;
    // But for the CR before LF; LF may be what comes next.
    std::string_view fresh = head.substr(seen_, std::min(feed, end) - seen_);
    if (fresh.ends_with('\r')) fresh.remove_suffix(1);
    if (has_control(fresh)) {
      refusal =
          malformed(fresh.find('\r') == fresh.npos ? "the head has control characters" : "the head has a bare CR");
      return 0;
    }
    if (end > limits.max_head) {
      refusal =
          lines_ == 0 ? too_large(414, "the request target is too long") : too_large(431, "the head is too large");
      return 0;
    }
    seen_ = feed == head.npos ? seen_ + fresh.size() : end;
    if (feed == head.npos) {
      if (lines_ == 0 && end > limits.max_target + 64) refusal = too_large(414, "the request target is too long");
      return 0;
    }
    if (feed == line_ || head[feed - 1] != '\r') return refusal = malformed("the head has a bare LF"), 0;
    const std::string_view line = head.substr(line_, feed - 1 - line_);
    line_ = end;
    if (lines_ == 0) {
      refusal = check_request_line(line, limits, form_);
    } else if (line.empty()) {
      return end;
    } else if (lines_ > limits.max_fields) {
      refusal = too_large(431, "the head has too many fields");
    } else {
      refusal = check_field_line(line);
    }
    if (refusal) return 0;
    ++lines_;
  }
}

}  // namespace gateway::http1
