#include "gateway/reconcile.h"

#include <fstream>
#include <sstream>

#include "gateway/provider_get.h"
#include "wire/activity.h"
#include "wire/key_usage.h"

namespace gateway::app {
namespace {

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::not_found, "'" + path + "' cannot be read"};
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

Result<std::string> read_bill(const Config& config, const ReconcileRequest& request, const std::stop_token& stop) {
  if (request.file) return read_file(*request.file);
  const auto provider = provider_of(config, request.provider);
  if (!provider) return provider.error();
  if ((*provider)->config.type != ProviderType::openrouter) {
    return Error{ErrorCode::refused,
                 "provider '" + request.provider + "' publishes no bill: give an exported one by --file"};
  }
  if ((*provider)->management.empty()) {
    return Error{ErrorCode::refused,
                 "provider '" + request.provider + "' has no management_key: give an exported bill by --file"};
  }
  return provider_get(*provider, "/activity", Credential::management_key, stop);
}

}  // namespace

Result<std::shared_ptr<const Provider>> provider_of(const Config& config, const std::string& name) {
  std::string known;
  for (const ProviderConfig& provider : config.providers) {
    if (provider.name == name) return make_provider(provider);
    known += (known.empty() ? "" : ", ") + provider.name;
  }
  return Error{ErrorCode::not_found,
               "there is no provider '" + name + "'; there are: " + (known.empty() ? "none" : known)};
}

Result<Reconciliation> reconcile_with(Store& store, const Config& config, const ReconcileRequest& request,
                                      const std::stop_token& stop) {
  const auto text = read_bill(config, request, stop);
  if (!text) return text.error();
  Reconciliation out;
  auto bill = read_activity(*text);
  if (!bill) return bill.error();
  out.bill = std::move(*bill);
  auto lines =
      reconcile(store, {.provider = request.provider, .since = request.since, .until = request.until}, out.bill);
  if (!lines) return lines.error();
  out.lines = std::move(*lines);
  return out;
}

Result<Money> spent_today(const Config& config, const std::string& name) {
  const auto provider = provider_of(config, name);
  if (!provider) return provider.error();
  const auto body = provider_get(*provider, "/key", Credential::api_key);
  if (!body) return body.error();
  return read_usage_of_today(*body);
}

}  // namespace gateway::app
