// What is reached over the network: providers and a server that runs.
#include <fmt/format.h>

#include <algorithm>

#include "app/background/catalogue_files.h"
#include "app/background/token_command.h"
#include "app/cli/doctor.h"
#include "app/cli/http_call.h"
#include "app/render/row_fields.h"
#include "policy/routing/http_date.h"
#include "providers/anthropic.h"
#include "providers/provider.h"

namespace gateway::app {
namespace {

constexpr std::chrono::seconds kMaxDrift{60};
constexpr std::chrono::hours kOldList{25};

// Lists of models cost nothing, and OpenRouter's needs no key: there the key itself is asked for.
std::string free_path(const Provider& provider) {
  return provider.config.type == ProviderType::openrouter ? "/key" : provider.models_path;
}

void examine_clock(const HttpAnswer& answer, WallTime now, Diagnoses& found) {
  const auto date = parse_http_date(answer.header("date"), now);
  if (!date || std::any_of(found.begin(), found.end(), [](const Diagnosis& each) { return each.check == "clock"; }))
    return;
  const auto drift = std::chrono::abs(std::chrono::round<std::chrono::seconds>(now - *date));
  const bool off = drift > kMaxDrift;
  found.push_back({"clock", off ? Health::warn : Health::ok,
                   fmt::format("differs by {}s from a provider's", drift.count()),
                   off ? "timedatectl set-ntp true" : ""});
}

void examine_provider(ProviderConfig config, WallTime now, Diagnoses& found) {
  const std::string name = "provider " + config.name;
  if (!config.token_command.run.empty()) {
    auto token = make_token(config.token_command, now);
    if (!token) {
      const std::string& program = config.token_command.run.front();
      found.push_back({name, Health::fail, "no token: " + token.error().detail,
                       token.error().code == ErrorCode::not_found
                           ? fmt::format("install '{}', or have token_command name where it is", program)
                           : "run its token_command by hand"});
      return;
    }
    config.api_key = std::move(token->key);
  }
  const auto provider = make_provider(config);
  if (!provider) {
    found.push_back({name, Health::fail, provider.error().detail, "gateway check"});
    return;
  }
  if ((*provider)->simulated) {
    found.push_back({name, Health::ok, "simulated: answers by itself", ""});
    return;
  }
  const BaseUrl& base = (*provider)->base;
  HttpCall call{.base_url = base.origin.scheme + "://" + base.origin.authority + base.path,
                .path = free_path(**provider),
                .limit = std::chrono::seconds(15),
                .proxy = config.proxy,
                .ca_file = config.ca_file};
  if (!(*provider)->authorization.empty())
    call.headers.emplace_back((*provider)->authorization_name, (*provider)->authorization.reveal());
  if (config.type == ProviderType::anthropic) call.headers.emplace_back("anthropic-version", kAnthropicVersion);
  for (const auto& header : config.headers) call.headers.push_back(header);
  auto answer = http_call(call);
  if (!answer) {
    std::string detail = answer.error().detail;
    (*provider)->hide_secrets(detail);
    found.push_back({name, Health::fail, fmt::format("{}: {}", to_string(answer.error().code), detail),
                     "check its base_url, DNS, TLS and proxy"});
    return;
  }
  examine_clock(*answer, now, found);
  if (answer->status == 401 || answer->status == 403) {
    found.push_back({name, Health::fail, fmt::format("it refuses the key (status {})", answer->status),
                     "set the variable of its api_key"});
  } else if (answer->status >= 500) {
    found.push_back({name, Health::warn, fmt::format("it answers with status {}", answer->status), ""});
  } else {
    found.push_back({name, Health::ok, fmt::format("reached, status {}", answer->status), ""});
  }
}

void examine_price_lists(const Workspace& workspace, WallTime now, Diagnoses& found) {
  const auto ignore = [](const std::string&) {};
  const auto kept = read_catalogue_files(catalogue_directory(workspace.database), ignore);
  for (const ProviderConfig& provider : workspace.config.providers) {
    if (provider.type != ProviderType::openrouter) continue;
    const auto list = std::find_if(kept.begin(), kept.end(), [&provider](const KeptCatalogue& each) {
      return each.fetched.provider == provider.name;
    });
    const std::string check = "price list of " + provider.name;
    const std::string mend = "gateway prices refresh --provider " + provider.name;
    if (list == kept.end()) {
      found.push_back({check, Health::warn, "none is stored yet", mend});
    } else {
      const bool old = now - list->fetched.fetched > kOldList;
      found.push_back(
          {check, old ? Health::warn : Health::ok, "fetched " + ago(list->fetched.fetched, now), old ? mend : ""});
    }
  }
}

}  // namespace

void examine_providers(const Workspace& workspace, WallTime now, bool offline, Diagnoses& found) {
  examine_price_lists(workspace, now, found);
  if (offline) return;
  for (const ProviderConfig& provider : workspace.config.providers) examine_provider(provider, now, found);
}

void examine_server(const std::string& url, Diagnoses& found) {
  const std::string shown = url.substr(0, url.find('?'));
  for (const char* path : {"/readyz", "/admin/v1/health"}) {
    const auto answer = http_call({.base_url = url, .path = path, .limit = std::chrono::seconds(5)});
    const bool is_ready = std::string_view(path) == "/readyz";
    const std::string check = is_ready ? "server" : "administration";
    if (!answer) {
      found.push_back({check, Health::fail, fmt::format("{}: {}", shown, answer.error().detail), "gateway serve"});
      return;
    }
    if (is_ready) {
      const bool ready = answer->status == 200;
      found.push_back(
          {check, ready ? Health::ok : Health::fail,
           fmt::format("{} {}", shown, ready ? "is ready" : "is not ready: it drains, or cannot write its ledger"),
           ready ? "" : "see the server's log"});
    } else {
      const bool on = answer->status == 401 || answer->status == 200;
      found.push_back({check, Health::ok, on ? "is on" : "is off, or served elsewhere",
                       on ? "" : "set 'admin_token' to turn it on"});
    }
  }
}

}  // namespace gateway::app
