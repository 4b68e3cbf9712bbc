#include "gateway/gateway.h"

#include <string_view>
#include <utility>

#include "policy/routing/staged_share.h"
#include "proxy/answer_fields.h"
#include "proxy/core_state.h"
#include "proxy/count_exchange.h"
#include "proxy/incoming.h"
#include "proxy/insforge_pages.h"
#include "proxy/inventory.h"
#include "proxy/proxy_exchange.h"
#include "proxy/request_target.h"
#include "proxy/stored_response.h"
#include "proxy/worker.h"
#include "surfaces/anthropic.h"
#include "surfaces/insforge.h"
#include "surfaces/openai.h"
#include "surfaces/responses.h"

namespace gateway {
namespace {

// An exchange that was answered before open() returned.
class AnsweredExchange final : public Exchange {
 public:
  explicit AnsweredExchange(bool authenticated) : authenticated_(authenticated) {}
  bool is_authenticated() const override { return authenticated_; }
  bool wants_body() const override { return false; }
  Flow on_body(std::string_view) override { return Flow::more; }
  void on_end() override {}
  void on_drained() override {}

 private:
  const bool authenticated_;
};

// The key as the client sent it: by bearer token (RFC 6750), or in the fields that other dialects use. Beside it there
// may be a token for somebody else: Anthropic's clients send two fields if they have two secrets.
std::string_view key_text(HeaderSpan headers) noexcept {
  constexpr std::string_view kBearer = "bearer ";
  std::string_view value = header_value(headers, "authorization");
  if (value.size() > kBearer.size() && equal_ignoring_case(value.substr(0, kBearer.size()), kBearer)) {
    value.remove_prefix(kBearer.size());
    while (value.starts_with(' ')) value.remove_prefix(1);
    if (looks_like_key(value)) return value;
  }
  for (const std::string_view name : {"x-api-key", "api-key"}) {
    if (value = header_value(headers, name); looks_like_key(value)) return value;
  }
  return {};
}

Caller authenticate(GatewayWorker& worker, const Incoming& in) {
  const std::string_view text = key_text(in.head.headers);
  if (text.empty()) return {};
  const Snapshot& snapshot = *in.snapshot;
  Caller caller;
  caller.key = snapshot.keys.find(worker.hasher.hash(text), worker.timer.wall());
  if (caller.key != nullptr) caller.project = snapshot.project(caller.key->project);
  return caller.project == nullptr ? Caller{} : caller;
}

// The caller, and from now on the configuration that serves this request of its project: perhaps the staged one, which
// has the same projects and keys.
Caller admitted(GatewayWorker& worker, Incoming& in) {
  const Caller caller = authenticate(worker, in);
  const Snapshots& now = worker.newest();
  if (now.staged == nullptr || caller.project == nullptr) return caller;
  const std::string_view id(reinterpret_cast<const char*>(in.id.bytes.data()), in.id.bytes.size());
  if (!is_staged(now.share, id, caller.project->config.name)) return caller;
  in.snapshot = now.staged;
  return authenticate(worker, in);
}

std::unique_ptr<Exchange> answer(GatewayWorker& worker, Client& client, const Incoming& in, int status,
                                 std::string_view content_type, std::string_view body,
                                 const ApiError* error = nullptr) {
  FieldList& fields = worker.fields;
  fields.clear();
  fields.add_view("content-type", content_type);
  add_request_id(fields, in.id, in.client_id, in.surface != nullptr ? in.surface->request_id_field() : "");
  if (error != nullptr) add_error_fields(fields, *error);
  ResponseBody& out = client.send_head({.status = status, .headers = fields.span(), .content_length = body.size()});
  out.send_body(body);
  auto exchange = std::make_unique<AnsweredExchange>(in.authenticated);
  out.finish();
  return exchange;
}

std::unique_ptr<Exchange> answer(GatewayWorker& worker, Client& client, const Incoming& in, const ApiError& error) {
  worker.text.clear();
  int status = error.status;
  if (in.surface != nullptr) {
    in.surface->write_error(worker.text, error);
    status = in.surface->status_of(error);
  } else {
    append_error_body(worker.text, error);
  }
  return answer(worker, client, in, status, "application/json", worker.text, &error);
}

// The one that the client speaks, as its path has it.
const Surface& surface_for(const RequestTarget& target, HeaderSpan headers) {
  switch (target.surface) {
    case SurfaceKind::anthropic:
      return target.page == Page::count ? anthropic_count_surface() : anthropic_surface();
    case SurfaceKind::responses:
      return responses_surface();
    case SurfaceKind::insforge: {
      const bool embeds = target.endpoint != nullptr && target.endpoint->operation == Operation::embeddings;
      const InsforgeCall call = target.for_images ? InsforgeCall::images
                                : embeds          ? InsforgeCall::embeddings
                                                  : InsforgeCall::chat;
      return insforge_surface(call, header_value(headers, "user-agent"));
    }
    default:
      return surface_of(target.endpoint->operation);
  }
}

// One whom no project answers for: counted and logged.
std::unique_ptr<Exchange> turn_away(GatewayWorker& worker, Client& client, const Incoming& in, const ApiError& error) {
  worker.core.count_refused(error.code, in.head.peer, worker.timer.now());
  return answer(worker, client, in, error);
}

std::unique_ptr<Exchange> answer_json(GatewayWorker& worker, Client& client, const Incoming& in) {
  return answer(worker, client, in, 200, "application/json", worker.text);
}

template <class Kind>
std::unique_ptr<Exchange> open_asked(GatewayWorker& worker, Client& client, Incoming& in) {
  const Caller caller = admitted(worker, in);
  if (caller.project == nullptr) return turn_away(worker, client, in, api_error::invalid_api_key());
  auto exchange = std::make_unique<Kind>(worker, client, in, caller);
  exchange->begin(in.head.content_length);
  return exchange;
}

std::unique_ptr<Exchange> open_for_caller(GatewayWorker& worker, Client& client, Incoming& in, Page page) {
  const Caller caller = admitted(worker, in);
  if (caller.project == nullptr) return turn_away(worker, client, in, api_error::invalid_api_key());
  in.authenticated = true;
  const Snapshot& snapshot = *in.snapshot;
  worker.text.clear();
  if (page == Page::key) {
    append_key_facts(worker.text, *caller.key, *caller.project, worker.timer.now(), worker.timer.wall());
  } else if (page == Page::overview) {
    append_insforge_overview(worker.text, *caller.key, *caller.project, worker.timer.wall());
  } else if (page == Page::credits) {
    append_insforge_credits(worker.text, *caller.project, worker.timer.wall());
  } else if (page == Page::configurations) {
    append_insforge_configurations(worker.text, snapshot, *caller.project);
  } else if (page == Page::models) {
    const bool is_insforge = in.surface != nullptr && in.surface->kind() == SurfaceKind::insforge;
    const bool is_anthropic = !header_value(in.head.headers, "anthropic-version").empty();
    const auto append = is_insforge ? append_insforge_models : is_anthropic ? append_anthropic_models : append_models;
    append(worker.text, snapshot, *caller.project);
  } else if (!append_model(worker.text, snapshot, *caller.project, in.model)) {
    return answer(worker, client, in, api_error::model_not_found(in.model));
  }
  return answer_json(worker, client, in);
}

constexpr std::string_view kWhatThisIs =
    R"({"object":"gateway","name":"Model Gateway","message":"An OpenAI-compatible gateway in front of many LLM )"
    R"(providers. Clients take this address with /v1 after it as their base URL, and an API key of this gateway.",)"
    R"("endpoints":[)";

std::string describe_gateway(bool has_insforge) {
  std::string out(kWhatThisIs);
  for (const std::string& each : served_paths(has_insforge)) {
    if (!out.ends_with('[')) out += ',';
    out.append(1, '"').append(each).append(1, '"');
  }
  return out += "]}";
}

// Keys of providers are never given out, and a client changes no route.
ApiError configured_in_the_file() {
  ApiError error = api_error::method_not_allowed("GET, HEAD");
  error.code = "configured_in_the_file";
  error.message = "Models, routes and keys of providers are set in the gateway's configuration file.";
  return error;
}

// Clients that begin with a WebSocket turn to HTTP if they are answered so, Codex for no other status.
ApiError no_websockets() {
  ApiError error = api_error::method_not_allowed("POST");
  error.status = 426;
  error.message = "There are no WebSockets here. Please use POST, and read the stream of its answer.";
  return error;
}

constexpr bool is_for_caller(Page page) noexcept {
  return page == Page::key || page == Page::models || page == Page::model || page == Page::overview ||
         page == Page::credits || page == Page::configurations;
}

}  // namespace

GatewayWorker::GatewayWorker(CoreState& shared, unsigned number, Timer& clock, Upstream& network)
    : core(shared),
      index(number),
      timer(clock),
      upstream(network),
      simulated(clock),
      journal(shared.journal(number)),
      ids(static_cast<std::uint16_t>(number), shared.process()),
      answers{{}, {}, {}, buffers},
      random(static_cast<std::minstd_rand::result_type>(shared.process() ^ (number * 2654435761u)) | 1u),
      health(shared.breakers),
      means(shared.means),
      refusals(clock, journal),
      durable_waits(shared, clock, journal),
      room_waits(clock),
      meters(shared.meters.shard(number)),
      backfill(shared, clock, network, journal),
      catalogues(shared, clock, network) {
  if (number != 0) return;
  catalogues.start();
  backfill.start();
}

const Snapshots& GatewayWorker::newest() {
  if (const std::uint64_t version = core.snapshot_version(); version != version_) {
    snapshots_ = core.snapshots();
    version_ = version;
  }
  return snapshots_;
}

Gateway::Gateway(Core& core, unsigned worker, Timer& timer, Upstream& upstream)
    : worker_(std::make_unique<GatewayWorker>(static_cast<CoreState&>(core), worker, timer, upstream)) {}
Gateway::~Gateway() = default;

std::unique_ptr<Exchange> Gateway::open(const RequestHead& head, Client& client) {
  GatewayWorker& worker = *worker_;
  Incoming in{head, worker.ids.next(worker.timer.wall()), client_request_id(head.headers), worker.newest_snapshot()};
  RequestTarget target = parse_request_target(head.path);
  if (target.surface == SurfaceKind::insforge && !in.snapshot->config.insforge) target = {};
  const Page page = target.page;
  in.model = std::move(target.model);
  in.response = std::move(target.response);
  in.part = target.part;
  const bool is_asked = page == Page::inference || target.surface != SurfaceKind::openai;
  if (is_asked) {
    in.surface = &surface_for(target, head.headers);
  } else if (!header_value(head.headers, "anthropic-version").empty()) {
    in.surface = &anthropic_surface();  // who sends this reads errors of that shape
  }
  if (page == Page::inference || page == Page::count) {
    in.operation = target.endpoint->operation;
    if (head.method != "POST") {
      const bool is_socket = equal_ignoring_case(header_value(head.headers, "upgrade"), "websocket");
      return answer(worker, client, in, is_socket ? no_websockets() : api_error::method_not_allowed("POST"));
    }
    return page == Page::count ? open_asked<CountExchange>(worker, client, in)
                               : open_asked<ProxyExchange>(worker, client, in);
  }
  if (page == Page::unknown) {
    return answer(worker, client, in,
                  api_error::unknown_url(head.method, head.path, served_paths(in.snapshot->config.insforge)));
  }
  if (page == Page::response) {
    const std::string_view allowed = StoredResponse::methods(in.part);
    if (!StoredResponse::allows(in.part, head.method))
      return answer(worker, client, in, api_error::method_not_allowed(allowed));
    return open_asked<StoredResponse>(worker, client, in);
  }
  const bool reads = head.method == "GET" || head.method == "HEAD";
  if (page == Page::configured || (page == Page::configurations && !reads)) {
    return answer(worker, client, in, configured_in_the_file());
  }
  if (!reads) return answer(worker, client, in, api_error::method_not_allowed("GET, HEAD"));
  if (is_for_caller(page)) return open_for_caller(worker, client, in, page);
  if (page == Page::metrics) {
    if (!in.head.may_read_metrics) return turn_away(worker, client, in, api_error::metrics_not_allowed());
    return answer(worker, client, in, 200, "text/plain; version=0.0.4; charset=utf-8",
                  worker.core.metrics(worker.timer.now(), worker.timer.wall()));
  }
  if (page == Page::readyz) {
    if (!worker.core.ready()) return answer(worker, client, in, api_error::unavailable("the gateway is shutting down"));
    if (!worker.core.ledger_writable())
      return answer(worker, client, in, api_error::unavailable("the ledger cannot be written"));
  }
  worker.text = page == Page::root ? describe_gateway(in.snapshot->config.insforge) : "{\"status\":\"ok\"}";
  return answer_json(worker, client, in);
}

}  // namespace gateway
