#include "app/background/provider_get.h"

#include <optional>

#include "gateway/curl_upstream.h"
#include "gateway/epoll_loop.h"
#include "proxy/fetch.h"

namespace gateway::app {
namespace {

constexpr auto kLimit = std::chrono::seconds(30);

}  // namespace

Result<std::string> provider_get(const std::shared_ptr<const Provider>& provider, std::string_view path,
                                 Credential credential, const std::stop_token& stop) {
  auto asked = provider;
  if (credential == Credential::management_key) {
    auto managed = std::make_shared<Provider>(*provider);
    managed->authorization = managed->management;
    asked = std::move(managed);
  }
  EpollLoop loop;
  CurlUpstream upstream(loop);
  std::optional<Result<std::string>> answer;
  Fetch fetch(loop, upstream, asked, path, kLimit, [&](const Result<Fetch::Answer>& got) {
    if (!got) {
      answer = got.error();
    } else if (got->status != 200) {
      answer = Error{ErrorCode::refused, "status " + std::to_string(got->status)};
    } else {
      answer = std::string(got->body);
    }
  });
  const std::stop_callback wake(stop, [&loop] { loop.post([] {}); });
  while (!answer && !stop.stop_requested()) loop.run_once(std::chrono::seconds(1));
  if (!answer) answer = Error{ErrorCode::timeout, "stopped"};
  if (!*answer) {
    return Error{answer->error().code, provider->config.name + std::string(path) + ": " + answer->error().detail};
  }
  return std::move(*answer);
}

}  // namespace gateway::app
