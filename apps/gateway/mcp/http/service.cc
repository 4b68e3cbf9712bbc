#include "app/mcp/http/service.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "app/mcp/http/claim_page.h"
#include "app/mcp/tools/tools.h"
#include "app/open_store.h"
#include "app/random_bytes.h"
#include "operations/deployment.h"

namespace gateway::app::mcp {
namespace {

constexpr int kServerError = -32000;
constexpr std::string_view kHtml = "text/html; charset=utf-8";

std::string make_secret() {
  std::array<std::uint8_t, 32> bytes{};
  fill_random(bytes);
  return {bytes.begin(), bytes.end()};
}

HttpAnswer refused(int status, std::string_view message) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = error_body(message);
  return answer;
}

HttpAnswer page(int status, std::string html) {
  HttpAnswer answer;
  answer.status = status;
  answer.content_type = kHtml;
  answer.body = std::move(html);
  return answer;
}

}  // namespace

std::string error_body(std::string_view message) {
  return jsonrpc::error_text({}, {kServerError, std::string(message)});
}

Service::Service(std::function<Sources()> sources)
    : sources_(std::move(sources)), confirmations_(std::make_shared<Confirmations>(make_secret())) {}

Result<std::optional<Caller>> Service::caller_of(const Sources& sources, const HttpRequest& request) {
  if (request.is_admin) return std::optional(Caller{true, {}, request.admin_name, {}});
  const WallTime now = sources.now();
  const auto store = open_store(sources.database, {.create = false, .read_only = true});
  if (!store) return store.error();
  auto key = keys_.find(**store, request.key.reveal(), now);
  if (!key) return std::move(key).error();
  if (!*key) return std::optional<Caller>();
  const operations::Deployment deployment{*sources.config, sources.config_path, sources.database, store->get(), now};
  if (const auto project = operations::find_project(deployment, (*key)->project); !project) {
    if (project.error().code == ErrorCode::not_found) return std::optional<Caller>();
    return project.error();
  }
  Caller caller{false, (*key)->project, {}, std::move(*key)};
  return std::optional(std::move(caller));
}

HttpAnswer Service::answer(const HttpRequest& request, TimePoint now) {
  Sources sources = sources_();
  sources.base_url = request.served + "/v1";
  sources.write_keys = sources.config->mcp.write_keys && request.may_write;
  if (!request.claim.empty()) return answer_claim(sources, request);
  const auto caller = caller_of(sources, request);
  if (!caller) return refused(503, "The ledger cannot be read now: " + caller.error().detail);
  if (!*caller) {
    HttpAnswer answer = refused(401, "The key is not accepted.");
    answer.is_wrong_key = true;
    return answer;
  }
  const std::string credential = (*caller)->name();
  if (const auto wait = limits_.take_message(credential, now); wait.count() > 0) {
    HttpAnswer answer = refused(429, "Too many messages: at most 600 a minute for each key.");
    answer.retry_after = wait;
    return answer;
  }
  return answer_message(sources, request, **caller, now);
}

HttpAnswer Service::answer_message(Sources& sources, const HttpRequest& request, const Caller& caller, TimePoint now) {
  sources.confirmations = confirmations_;
  sources.delivery.check = [&]() -> Result<void> {
    if (claims_.has_room(sources.now())) return {};
    return Error{ErrorCode::unavailable, "too many new keys wait to be fetched"};
  };
  sources.delivery.deliver = [&](const operations::NewKey& made) -> Result<std::string> {
    const std::string ticket = claims_.add({made.key.project, made.key.id, Secret(made.text)}, sources.now());
    return fmt::format("{}/mcp/claim/{} shows the key once, within 10 minutes, to a person who signs in there",
                       request.origin, ticket);
  };
  const Desk desk(sources, caller);
  std::vector<Tool> tools = tools_for(desk);
  for (Tool& tool : tools) {
    tool.call = [&, call = std::move(tool.call)](const Arguments& arguments) {
      const auto wait = limits_.take_call(caller.name(), now);
      if (wait.count() == 0) return call(arguments);
      return failed(fmt::format("Too many calls: at most {} a minute for each key. Wait {} ms.",
                                CallLimits::kCallsAMinute, wait.count()));
    };
  }
  ProtocolAnswer answered = Protocol(gateway_facts(), tools).answer(request.body, &request.fields);
  HttpAnswer answer;
  answer.status = answered.status;
  answer.body = std::move(answered.body);
  if (!answered.tool.empty()) {
    answer.log = fmt::format("mcp: {} called {}({}){}{}", caller.name(), answered.tool, answered.arguments,
                             answered.is_error ? " in vain" : "", answered.audit.empty() ? "" : ": " + answered.audit);
  }
  return answer;
}

HttpAnswer Service::answer_claim(const Sources& sources, const HttpRequest& request) {
  const auto project = claims_.project_of(request.claim, sources.now());
  if (!project) return page(404, gone_page());
  if (!request.wants_key) return page(200, claim_page(false));
  const auto caller = caller_of(sources, request);
  if (!caller) return refused(503, "The ledger cannot be read now: " + caller.error().detail);
  if (!*caller || (!(*caller)->is_admin && (*caller)->project != *project)) {
    HttpAnswer answer = page(401, claim_page(true));
    answer.is_wrong_key = true;
    return answer;
  }
  auto claim = claims_.take(request.claim, sources.now());
  if (!claim) return page(404, gone_page());
  HttpAnswer answer = page(200, key_page(*claim));
  answer.log =
      fmt::format("mcp: {} fetched the key {} of project {}", (*caller)->name(), claim->key_id, claim->project);
  return answer;
}

}  // namespace gateway::app::mcp
