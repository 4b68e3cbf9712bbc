#include "app/cli/server_url.h"

#include <utility>
#include <vector>

#include "app/listening.h"
#include "app/open_store.h"

namespace gateway::app {
namespace {

Result<std::string> url_of(const std::vector<std::string>& addresses, const Config& config) {
  std::string url = first_url(addresses, !config.server.tls.certificate.empty());
  if (!url.empty()) return url;
  return Error{ErrorCode::refused, "the configuration listens at a socket alone: --url says where the server is"};
}

std::optional<Listening> running(const Workspace& workspace) {
  return read_listening(journal_directory(workspace.config, workspace.database));
}

}  // namespace

std::string plain_url(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

Result<std::string> server_url(const Workspace& workspace, const std::optional<std::string>& url) {
  if (url) return plain_url(*url);
  if (auto found = running(workspace); found && !found->clients.empty()) return std::move(found->clients);
  return url_of(workspace.config.listen, workspace.config);
}

Result<std::string> administration_url(const Workspace& workspace) {
  if (auto found = running(workspace)) {
    std::string& url = found->administration.empty() ? found->clients : found->administration;
    if (!url.empty()) return std::move(url);
  }
  const Config& config = workspace.config;
  return url_of(config.admin_listen.empty() ? config.listen : config.admin_listen, config);
}

}  // namespace gateway::app
