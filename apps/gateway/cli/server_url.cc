#include "app/cli/server_url.h"

namespace gateway::app {

Result<std::string> server_url(const Config& config, const std::optional<std::string>& url) {
  if (url) {
    std::string text = *url;
    while (text.ends_with('/')) text.pop_back();
    return text;
  }
  for (const std::string& listen : config.listen) {
    if (listen.starts_with("unix:")) continue;
    const std::size_t colon = listen.rfind(':');
    std::string host = colon == std::string::npos ? listen : listen.substr(0, colon);
    if (host.empty() || host == "*" || host == "0.0.0.0" || host == "[::]") host = "127.0.0.1";
    const std::string scheme = config.server.tls.certificate.empty() ? "http://" : "https://";
    return scheme + host + (colon == std::string::npos ? "" : listen.substr(colon));
  }
  return Error{ErrorCode::refused, "the configuration listens at a socket alone: --url says where the server is"};
}

}  // namespace gateway::app
