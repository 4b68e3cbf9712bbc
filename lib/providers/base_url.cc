#include "providers/base_url.h"

#include <charconv>

namespace gateway {
namespace {

Error bad(std::string_view url, std::string_view why) {
  return Error{ErrorCode::invalid, "'" + std::string(url) + "' is not a base URL: " + std::string(why)};
}

bool is_plain(char c) noexcept {
  return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\' && c != '^';
}

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

void append_path_segment(std::string& path, std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unreserved(c)) {
      path += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    path.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
  }
}

Result<BaseUrl> parse_base_url(std::string_view url, std::string_view proxy, std::string_view ca_file) {
  const std::string_view whole = url;
  for (const char c : url) {
    if (!is_plain(c)) return bad(whole, "it has a character that must be written as %XX");
  }
  BaseUrl out;
  Origin& origin = out.origin;
  if (url.starts_with("http://")) {
    origin.scheme = "http", origin.port = 80, url.remove_prefix(7);
  } else if (url.starts_with("https://")) {
    origin.scheme = "https", origin.port = 443, url.remove_prefix(8);
  } else {
    return bad(whole, "it must begin with http:// or https://");
  }
  if (url.find_first_of("?#") != std::string_view::npos) return bad(whole, "it may have no query and no fragment");

  const std::size_t slash = url.find('/');
  std::string_view authority = url.substr(0, slash);
  std::string_view path = slash == std::string_view::npos ? std::string_view{} : url.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (authority.find('@') != std::string_view::npos) return bad(whole, "a user name belongs into api_key");

  origin.authority = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return bad(whole, "']' is missing");
    origin.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!port.empty() && port[0] != ':') return bad(whole, "only a port may follow ']'");
  } else {
    const std::size_t colon = authority.find(':');
    origin.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon);
  }
  if (origin.host.empty()) return bad(whole, "the host is missing");
  if (!port.empty()) {
    port.remove_prefix(1);
    const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), origin.port);
    if (failed != std::errc{} || end != port.data() + port.size() || origin.port == 0)
      return bad(whole, "the port is not 1 to 65535");
  }
  origin.proxy = proxy;
  origin.ca_file = ca_file;
  origin.id = origin.scheme + "://" + origin.host + ":" + std::to_string(origin.port);
  if (!proxy.empty()) origin.id += " by " + origin.proxy;
  if (!ca_file.empty()) origin.id += " ca " + origin.ca_file;
  out.path = path;
  return out;
}

}  // namespace gateway
