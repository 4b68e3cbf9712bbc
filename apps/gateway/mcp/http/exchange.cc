#include "app/mcp/http/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/listening.h"
#include "app/mcp/http/claim_page.h"
#include "app/mcp/http/cors.h"
#include "app/mcp/http/doors.h"
#include "app/server/browser.h"
#include "base/key_text.h"
#include "proxy/answer_fields.h"
#include "proxy/request_target.h"

namespace gateway::app::mcp {
namespace {

constexpr std::string_view kClaims = "/mcp/claim/";

std::optional<std::string> field(HeaderSpan headers, std::string_view name) {
  const HeaderField* found = find_header(headers, name);
  return found == nullptr ? std::nullopt : std::optional<std::string>(found->value);
}

std::string_view credential_of(HeaderSpan headers) {
  const std::string_view token = bearer_token(headers);
  return token.empty() ? header_value(headers, "x-api-key") : token;
}

// The value of "credential=...", as forms send it.
std::string form_credential(std::string_view form) {
  constexpr std::string_view kName = "credential=";
  if (!form.starts_with(kName)) return {};
  form.remove_prefix(kName.size());
  form = form.substr(0, form.find('&'));
  std::string encoded(form), value;
  std::replace(encoded.begin(), encoded.end(), '+', ' ');
  return decode_path(encoded, value) ? value : std::string();
}

class McpExchange final : public Exchange {
 public:
  McpExchange(const MountContext& at, const Serving& serving, const RequestHead& head, Client& client)
      : loop_(at.loop),
        log_(at.log),
        guard_(at.guard),
        on_refused_(at.on_refused),
        serving_(serving),
        client_(client),
        id_(at.id),
        client_id_(client_request_id(head.headers)),
        peer_(head.peer) {}
  ~McpExchange() override { link_->exchange = nullptr; }

  bool is_authenticated() const override { return request_.is_admin; }
  bool wants_body() const override { return !ended_; }
  Flow on_body(std::string_view bytes) override {
    if (ended_) return Flow::more;
    if (request_.body.size() + bytes.size() > kMaxBody) return refuse(413, "A message has at most 1 MiB."), Flow::more;
    request_.body += bytes;
    return Flow::more;
  }
  void on_end() override {
    if (ended_) return;
    ended_ = true;
    if (request_.wants_key) take_form();
    auto job = [&service = serving_.service, &loop = loop_, link = link_, request = std::move(request_),
                started = loop_.now()] {
      HttpAnswer answer = service.answer(request, started);
      loop.post([link, given = std::move(answer)] {
        if (link->exchange != nullptr) link->exchange->send(given);
      });
    };
    started_ = loop_.now();
    if (!serving_.threads.post(std::move(job))) {
      HttpAnswer answer{503, "application/json", error_body("Too many calls are under way; try again.")};
      answer.retry_after = std::chrono::seconds(1);
      send(answer);
    }
  }
  void on_drained() override {}

  // The last thing it does: the client may destroy it.
  void refuse(int status, std::string_view message, std::optional<std::chrono::milliseconds> retry_after = {}) {
    ended_ = true;
    HttpAnswer answer{status, "application/json", error_body(message)};
    answer.retry_after = retry_after;
    send(answer);
  }

  // The last thing it does, likewise.
  void answer_preflight() {
    ended_ = true;
    FieldList fields;
    add_request_id(fields, id_, client_id_);
    add_preflight(fields, cors_origin_);
    client_.send_head({.status = 204, .headers = fields.span(), .content_length = std::nullopt}).finish();
  }

  // The page's that may read what is answered.
  void use_origin(std::string origin) { cors_origin_ = std::move(origin); }
  HttpRequest& request() noexcept { return request_; }
  void use(const std::optional<Administrator>& administrator) {
    request_.is_admin = administrator.has_value();
    if (!administrator) return;
    request_.admin_name = administrator->name;
    request_.may_write = administrator->role == AdminRole::write;
  }
  // Whose tokens the form takes.
  void use_access(const Access& access) { access_ = access; }

 private:
  struct Link {
    McpExchange* exchange;  // the loop's thread only
  };

  void take_form() {
    const std::string credential = form_credential(request_.body);
    use(access_ ? administrator_of(*access_, credential) : std::nullopt);
    request_.is_admin = request_.is_admin && request_.may_write;
    request_.key = Secret(credential);
    request_.body.clear();
  }

  void send(const HttpAnswer& answer) {
    if (answer.is_wrong_key) {
      guard_.failed(std::string(peer_), loop_.now());
      if (on_refused_) on_refused_("invalid_api_key", peer_);
    }
    if (!answer.log.empty() && log_) {
      const auto id = id_.text();
      const auto took = std::chrono::ceil<std::chrono::milliseconds>(loop_.now() - started_);
      log_({LogLevel::info, fmt::format("{} in {} ms", answer.log, took.count()), id.view(), nullptr, peer_});
    }
    FieldList fields;
    if (!answer.body.empty()) fields.add("content-type", answer.content_type);
    fields.add_view("cache-control", "no-store");
    add_request_id(fields, id_, client_id_);
    if (answer.content_type.starts_with("text/html")) {
      fields.add_view("content-security-policy", kPagePolicy);
      fields.add_view("referrer-policy", "no-referrer");
      fields.add_view("x-content-type-options", "nosniff");
    } else if (answer.status == 401) {
      fields.add_view("www-authenticate", "Bearer");
    }
    if (answer.status == 405) fields.add_view("allow", "POST");
    if (!cors_origin_.empty()) add_cors(fields, cors_origin_);
    if (answer.retry_after) {
      fields.add("retry-after",
                 std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(*answer.retry_after).count()));
    }
    ResponseBody& out =
        client_.send_head({.status = answer.status, .headers = fields.span(), .content_length = answer.body.size()});
    if (!answer.body.empty()) out.send_body(answer.body);
    out.finish();
  }

  Loop& loop_;
  const LogCallback& log_;
  TokenGuard& guard_;
  const std::function<void(std::string_view, std::string_view)>& on_refused_;
  const Serving serving_;
  Client& client_;
  const RequestId id_;
  const std::string client_id_;
  const std::string_view peer_;
  std::string cors_origin_;  // empty: none
  HttpRequest request_;
  std::optional<Access> access_;  // for the form
  TimePoint started_{};
  bool ended_ = false;
  std::shared_ptr<Link> link_ = std::make_shared<Link>(Link{this});
};

// Clients are served at another port, and perhaps at another address, than the administration that was called.
std::string clients_origin(const Config& config, const std::string& called) {
  for (const std::string& address : config.listen) {
    std::string url = url_at(address, called.starts_with("https"));
    if (url.empty()) continue;
    if (is_loopback_only({address})) return url;
    const std::size_t port = called.rfind(':');
    const std::string host = called.substr(0, port > std::string("https:").size() ? port : called.npos);
    return host + url.substr(url.rfind(':'));
  }
  return called;
}

// Why the head alone rules it out; a status of 0: it does not.
struct Ruling {
  int status = 0;
  std::string_view message{};
};
Ruling rule_out(const Config& config, const RequestHead& head, bool is_page) {
  const std::string_view host = header_value(head.headers, "host");
  if (is_loopback_only(config.listen) && !is_loopback_host(host))
    return {403, "Host: this server is reached by a loopback name alone."};
  if (const auto origin = field(head.headers, "origin");
      origin && !is_origin_allowed(*origin, host, config.mcp.origins))
    return {403, "Origin: pages of other hosts may not call; mcp.origins lists those that may."};
  if (is_page && (head.method == "GET" || head.method == "POST")) return {};
  if (!is_page && is_preflight(head.method, head.headers) && !listed_origin(head.headers, config.mcp.origins).empty())
    return {};
  if (head.method != "POST") return {405, "Send messages with POST: there are no sessions and no streams here."};
  if (head.content_length.value_or(0) > kMaxBody) return {413, "A message has at most 1 MiB."};
  return {};
}

}  // namespace

std::unique_ptr<Exchange> open_mcp(const MountContext& at, const Serving& serving, bool takes_admin,
                                   const RequestHead& head, Client& client) {
  const bool is_page = head.path.starts_with(kClaims);
  if (head.path != "/mcp" && !is_page) return nullptr;
  const std::shared_ptr<const Config> config = at.access.config;
  if (config == nullptr || !config->mcp.enabled) return nullptr;
  auto exchange = std::make_unique<McpExchange>(at, serving, head, client);
  if (!is_page) exchange->use_origin(listed_origin(head.headers, config->mcp.origins));
  if (const Ruling ruling = rule_out(*config, head, is_page); ruling.status != 0) {
    exchange->refuse(ruling.status, ruling.message);
    return exchange;
  }
  if (head.method == "OPTIONS") {
    exchange->answer_preflight();
    return exchange;
  }
  const std::string address(head.peer);
  if (const auto pause = at.guard.pause(address, at.loop.now()); pause.count() > 0) {
    exchange->refuse(429, "Too many wrong keys came from this address. Please wait before you try again.", pause);
    return exchange;
  }
  HttpRequest& request = exchange->request();
  const std::string_view host = header_value(head.headers, "host");
  const std::string_view scheme = config->server.tls.certificate.empty() ? "http" : "https";
  request.origin = fmt::format("{}://{}", scheme, is_plain_host(host) ? host : "127.0.0.1");
  request.served = takes_admin && at.access.admin_elsewhere ? clients_origin(*config, request.origin) : request.origin;
  if (is_page) {
    request.claim = head.path.substr(kClaims.size());
    request.wants_key = head.method == "POST";
    if (request.claim.empty()) request.claim = "-";
    if (takes_admin) exchange->use_access(at.access);
    return exchange;
  }
  const std::string_view credential = credential_of(head.headers);
  if (takes_admin) exchange->use(administrator_of(at.access, credential));
  if (!request.is_admin && !looks_like_key(credential)) {
    if (!credential.empty()) at.guard.failed(address, at.loop.now());
    if (at.on_refused) at.on_refused("invalid_api_key", head.peer);
    exchange->refuse(401, "Send a key of this gateway, or the admin token, as 'Authorization: Bearer ...'.");
    return exchange;
  }
  if (request.is_admin) at.guard.succeeded(address);
  if (!request.is_admin) request.key = Secret(std::string(credential));
  request.fields = {field(head.headers, "mcp-protocol-version"), field(head.headers, "mcp-method"),
                    field(head.headers, "mcp-name")};
  return exchange;
}

}  // namespace gateway::app::mcp
