#include "base/names.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace gateway::names {
namespace {

constexpr std::size_t kLongestSocketPath = 107;  // of sockaddr_un

bool is_alphanumeric(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

template <class Predicate>
bool all(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

bool is_any_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
bool is_visible(char c) { return c > ' ' && c <= '~'; }

bool is_host(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    return all(text.substr(1, text.size() - 2), [](char c) { return is_alphanumeric(c) || is_any_of(c, ":.%"); });
  }
  return !text.empty() && text.size() <= 253 &&
         all(text, [](char c) { return is_alphanumeric(c) || is_any_of(c, "._-"); });
}

bool is_port(std::string_view text, int least) {
  int number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc{} && end == text.data() + text.size() && number >= least && number <= 65535;
}

struct HostPort {
  std::string_view host, port;
};

// The port is what comes after the last colon outside of brackets.
HostPort split_port(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_authority(std::string_view text) {
  const HostPort parts = split_port(text);
  const bool has_port = parts.host.size() < text.size();
  return is_host(parts.host) && (!has_port || is_port(parts.port, 1));
}

// What follows the scheme, if `text` has that one.
std::string_view after_scheme(std::string_view text, std::string_view scheme) {
  const bool has = text.substr(0, scheme.size()) == scheme && text.substr(scheme.size(), 3) == "://";
  return has ? text.substr(scheme.size() + 3) : std::string_view{};
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         all(text, [](char c) { return is_alphanumeric(c) || is_any_of(c, "._-"); });
}

bool is_model(std::string_view text) {
  return !text.empty() && text.size() <= 512 &&
         all(text, [](char c) { return is_visible(c) && !is_any_of(c, "\"\\*"); });
}

bool is_pattern(std::string_view text) {
  if (text == "*") return true;
  const bool prefix = text.size() > 2 && text.substr(text.size() - 2) == "/*";
  return is_model(prefix ? text.substr(0, text.size() - 2) : text);
}

std::optional<std::string_view> prefix_of(std::string_view pattern) noexcept {
  if (pattern == "*") return std::string_view{};
  if (pattern.size() > 2 && pattern.ends_with("/*")) return pattern.substr(0, pattern.size() - 1);
  return std::nullopt;
}

bool matches(std::string_view pattern, std::string_view model) noexcept {
  const auto prefix = prefix_of(pattern);
  return prefix ? model.size() > prefix->size() && model.starts_with(*prefix) : pattern == model;
}

bool is_base_url(std::string_view text) {
  std::string_view rest = after_scheme(text, "https");
  if (rest.empty()) rest = after_scheme(text, "http");
  const std::size_t slash = rest.find('/');
  const std::string_view path = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash);
  return is_authority(rest.substr(0, slash)) &&
         all(path, [](char c) { return is_visible(c) && !is_any_of(c, "?#\"<>\\"); });
}

bool is_proxy(std::string_view text) {
  if (text == "direct") return true;
  for (const std::string_view scheme : {"http", "https", "socks4", "socks4a", "socks5", "socks5h"}) {
    std::string_view rest = after_scheme(text, scheme);
    if (rest.empty()) continue;
    if (rest.back() == '/') rest.remove_suffix(1);
    const std::size_t at = rest.rfind('@');
    const std::string_view user = at == std::string_view::npos ? std::string_view{} : rest.substr(0, at);
    return all(user, is_visible) && is_authority(at == std::string_view::npos ? rest : rest.substr(at + 1));
  }
  return false;
}

bool is_listen_address(std::string_view text) {
  if (text.substr(0, 5) == "unix:") {
    const std::string_view path = text.substr(5);
    return !path.empty() && path.size() <= kLongestSocketPath &&
           all(path, [](char c) { return c >= ' ' && c != '\x7f'; });
  }
  const HostPort parts = split_port(text);
  return is_host(parts.host) && is_port(parts.port, 0);
}

}  // namespace gateway::names
