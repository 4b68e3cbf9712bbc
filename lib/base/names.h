// Which texts may be names, patterns and addresses.
#pragma once

#include <optional>
#include <string_view>

namespace gateway::names {

// Projects and providers: [A-Za-z0-9._-]{1,64}.
bool is_name(std::string_view text);
// A model as clients request it: 1 to 512 printable bytes without spaces, quotes, backslashes and stars.
bool is_model(std::string_view text);
// A model, "prefix/*" or "*".
bool is_pattern(std::string_view text);
// What a name must begin with to match the pattern, and be longer than: "" for "*", "openai/" for "openai/*"; nothing
// for a plain name.
std::optional<std::string_view> prefix_of(std::string_view pattern) noexcept;
bool matches(std::string_view pattern, std::string_view model) noexcept;
// http or https, a host, maybe a port and a path; no user, query or fragment.
bool is_base_url(std::string_view text);
// "direct", or an http, https or socks URL; user and password may be in it.
bool is_proxy(std::string_view text);
// "127.0.0.1:8080", "[::1]:8080", "localhost:0", "unix:/path".
bool is_listen_address(std::string_view text);

inline constexpr const char* kNameExpected = "1 to 64 letters, digits, '.', '_' or '-'";
inline constexpr const char* kModelExpected = "a model's name of at most 512 characters without spaces";
inline constexpr const char* kPatternExpected = "a model's name, 'prefix/*' or '*'";
inline constexpr const char* kUrlExpected = "a URL such as https://api.openai.com/v1, without user, query and fragment";
inline constexpr const char* kProxyExpected = "a proxy such as http://proxy:3128 or socks5h://proxy:1080, or direct";
inline constexpr const char* kListenExpected = "an address such as 127.0.0.1:8080, [::1]:8080 or unix:/path";

}  // namespace gateway::names
