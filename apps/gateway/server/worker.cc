#include "app/server/worker.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "app/server/browser.h"
#include "app/server/http1_session.h"
#include "app/server/refused_exchange.h"
#include "net/address.h"
#include "wire/openai/error_body.h"

namespace gateway::app {
namespace {

// Request ids of the gateways are numbered by worker from 0; those of sessions must never meet them.
constexpr unsigned kSessionIds = 0x8000;

// What a slow reader leaves unsent waits with us, where it is counted, and not in megabytes of the kernel's.
void bound_unsent(int fd) {
  const int most = 128 * 1024;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most);
}

}  // namespace

Worker::Worker(const Options& options, std::vector<ListeningSocket> sockets)
    : upstream_(loop_),
      core_(*options.core),
      gateway_(*options.core, options.index, loop_, upstream_),
      shared_(*options.shared),
      context_(loop_, for_clients_, *this,
               RequestIdSource(static_cast<std::uint16_t>(kSessionIds + options.index), options.process),
               &shared_.session_memory),
      tls_(options.settings.tls),
      access_(options.settings.access) {
  context_.limits = options.settings.limits;
  context_.log = options.log;
  context_.memory_watch.share_with(shared_.workers);
  context_.on_refused = [this](std::string_view reason, std::string_view client) {
    core_.count_refused(reason, client, loop_.now());
  };
  for (ListeningSocket& socket : sockets) {
    listeners_.push_back(
        std::make_unique<Listener>(loop_, std::move(socket.fd), socket.entrance, gate(socket.entrance.service), *this));
  }
}

Worker::~Worker() {
  if (thread_.joinable()) {
    abort_now();
    thread_.join();
  }
  listeners_.clear();
  context_.sessions.for_each([](Http1Session& session) { session.abort_now(); });
  loop_.run_once(Duration::zero());
}

void Worker::start() {
  thread_ = std::thread([this] { loop_.run(); });
}

void Worker::apply(WorkerSettings settings) {
  loop_.post([this, settings = std::move(settings)] {
    context_.limits = settings.limits;
    tls_ = settings.tls;
    access_ = settings.access;
  });
}

void Worker::drain() {
  loop_.post([this] { begin_drain(); });
}

void Worker::abort_now() {
  loop_.post([this] {
    begin_drain();
    context_.sessions.for_each([](Http1Session& session) { session.abort_now(); });
    loop_.stop();
  });
}

void Worker::begin_drain() {
  context_.draining = true;
  // Who waits in a queue is taken first: closing the socket would reset them.
  for (const auto& listener : listeners_) listener->on_ready(true, false, false);
  listeners_.clear();
  context_.sessions.for_each([](Http1Session& session) { session.drain(); });
}

// What has addresses of its own is served there alone.
bool Worker::serves_here(Service listener, Service service) const noexcept {
  const bool elsewhere = listener == Service::administration ? access_->admin_elsewhere
                         : listener == Service::metrics      ? access_->metrics_elsewhere
                                                             : false;
  return service == listener || (service == Service::clients && !elsewhere);
}

// Of a mount, whether or not it is served at this address.
bool Worker::is_mounted(const RequestHead& head) const noexcept {
  return std::any_of(shared_.mounts.begin(), shared_.mounts.end(),
                     [&head](const Mount& mount) { return mount.is_of(head.path); });
}

std::unique_ptr<Exchange> Worker::open_mounted(Service service, const RequestHead& head, Client& client) {
  for (const Mount& mount : shared_.mounts) {
    if (!mount.is_of(head.path) || !serves_here(mount.listener, service)) continue;
    auto exchange =
        mount.open({loop_, context_.log, shared_.guard, context_.on_refused, *access_, context_.ids.next(loop_.wall())},
                   head, client);
    if (exchange) return exchange;
  }
  return nullptr;
}

std::unique_ptr<Exchange> Worker::open(Service service, const RequestHead& head, Client& client) {
  if (auto mounted = open_mounted(service, head, client)) return mounted;
  const bool for_anyone = head.path == "/healthz" || head.path == "/readyz" || head.path == "/metrics";
  if (service != Service::clients && !for_anyone) {
    const std::string_view served =
        service == Service::administration ? "the administration, /admin/v1/..." : "/metrics";
    return open_refused(api_error::not_served_here(served), context_.ids.next(loop_.wall()), head, client);
  }
  RequestHead judged = head;
  judged.may_read_metrics = may_read_metrics(service, head);
  return gateway_.open(judged, client);
}

// From this machine, by a token, or at an address of their own. What a proxy on this machine passes on is not from it.
bool Worker::may_read_metrics(Service service, const RequestHead& head) {
  const bool here = access_->metrics_elsewhere ? service == Service::metrics : service != Service::administration;
  if (!here || head.path.find("metrics") == head.path.npos) return false;
  if (!access_->metrics_token.empty()) {
    const std::string address(head.peer);
    if (shared_.guard.pause(address, loop_.now()).count() > 0) return false;
    if (!access_->metrics_token.equals(bearer_token(head.headers))) {
      shared_.guard.failed(address, loop_.now());
      return false;
    }
    shared_.guard.succeeded(address);
    return true;
  }
  if (access_->metrics_elsewhere) return true;
  const bool passed_on = find_header(head.headers, "x-forwarded-for") != nullptr ||
                         find_header(head.headers, "forwarded") != nullptr ||
                         find_header(head.headers, "x-real-ip") != nullptr;
  // Nor is a page elsewhere whose name was made to lead here; such a name has a dot.
  const std::string_view host = header_value(head.headers, "host");
  return head.may_read_metrics && !passed_on && (host.find('.') == host.npos || is_loopback_host(host));
}

void Worker::on_connection(net::UniqueFd fd, const Entrance& entrance) {
  SessionPeer peer;
  if (!entrance.local) {
    const net::Address address = net::peer_address(fd.get());
    peer.address = address.host();
    peer.on_this_machine = address.is_loopback();
  }
  switch (entrance.service) {
    case Service::clients:
      break;
    case Service::administration:
      peer.opener = &for_administrators_;
      break;
    case Service::metrics:
      peer.opener = &for_monitors_;
      break;
  }
  ConnectionGate& gate_here = gate(entrance.service);
  const std::string counted_as = gate_here.counts_addresses() ? peer.address : std::string();
  if (gate_here.is_full() && (context_.strangers.end_one(gate_here) || context_.known.end_one(gate_here))) {
    gate_here.count_refused();
    tell_of_refused(gate_here, peer.address);
  }
  if (!gate_here.enter(counted_as)) return turn_away(std::move(fd), entrance, peer.address);
  if (!entrance.local) bound_unsent(fd.get());
  auto* const session =
      new Http1Session(context_, Transport(std::move(fd), entrance.local ? nullptr : tls_), std::move(peer));
  session->counted_as = counted_as;
  session->counted_by = &gate_here;
}

void Worker::on_closed(Http1Session& session) {
  session.counted_by->leave(session.counted_as);
  loop_.defer_delete([gone = &session] { delete gone; });
}

void Worker::tell_of_refused(ConnectionGate& where, const std::string& address) {
  const std::int64_t refused = where.take_unreported(loop_.now());
  if (refused == 0 || !context_.log) return;
  const std::string message = "too many connections: " + std::to_string(refused) + " refused or ended";
  context_.log({LogLevel::warning, message, {}, nullptr, address});
}

// Answered before anything is requested, so that it costs nothing; under TLS that would take a handshake.
void Worker::turn_away(net::UniqueFd fd, const Entrance& entrance, const std::string& address) {
  core_.count_refused("overloaded", address, loop_.now());
  tell_of_refused(gate(entrance.service), address);
  if (tls_ && !entrance.local) return;
  const auto id = context_.ids.next(loop_.wall()).text();
  const ApiError error = api_error::overloaded();
  std::string body;
  append_error_body(body, error);
  const HeaderField fields[] = {
      {"content-type", "application/json"}, {"x-request-id", id.view()}, {"retry-after", "1"}};
  http1::AnswerHead head;
  head.status = error.status;
  head.fields = fields;
  head.length = body.size();
  head.keep_alive = false;
  head.date = context_.date.at(loop_.wall());
  PaddedBuffer out;
  http1::write_head(out, head);
  out.append(body);
  Transport transport(std::move(fd), nullptr);
  const iovec piece{const_cast<char*>(out.data()), out.size()};
  static_cast<void>(transport.write({&piece, 1}));
  transport.finish_writing();
}

}  // namespace gateway::app
