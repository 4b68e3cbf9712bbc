// A provider's base URL, taken apart once.
#pragma once

#include <string>
#include <string_view>

#include "gateway/result.h"
#include "gateway/upstream.h"

namespace gateway {

struct BaseUrl {
  Origin origin;
  std::string path;  // "/api/v1": what every request's path begins with; no slash at its end
};

// Takes absolute http and https URLs (RFC 3986) without user, query and fragment. Proxy and CA become part of the
// origin's identity, since connections through different ones must not be mixed.
Result<BaseUrl> parse_base_url(std::string_view url, std::string_view proxy = {}, std::string_view ca_file = {});

// As one segment of a path, whoever wrote the text: all but letters, digits and `-._~` as %XX (RFC 3986, 2.3).
void append_path_segment(std::string& path, std::string_view text);

}  // namespace gateway
