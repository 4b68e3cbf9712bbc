#include "gateway/server/worker.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string>
#include <string_view>
#include <utility>

#include "gateway/server/admin_exchange.h"
#include "gateway/server/http1_session.h"
#include "net/address.h"
#include "wire/error_body.h"

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
      gateway_(*options.core, options.index, loop_, upstream_),
      gate_(*options.gate),
      admin_(options.admin),
      context_(loop_, *this, *this,
               RequestIdSource(static_cast<std::uint16_t>(kSessionIds + options.index), options.process)),
      tls_(options.settings.tls),
      admin_token_(options.settings.admin_token) {
  context_.limits = options.settings.limits;
  context_.log = options.log;
  for (ListeningSocket& socket : sockets) {
    listeners_.push_back(std::make_unique<Listener>(loop_, std::move(socket.fd), socket.local, gate_, *this));
  }
}

Worker::~Worker() {
  if (thread_.joinable()) {
    cut();
    thread_.join();
  }
  listeners_.clear();
  for_each_session([](Http1Session& session) { session.cut(); });
  loop_.run_once(Duration::zero());
}

void Worker::start() {
  thread_ = std::thread([this] { loop_.run(); });
}

void Worker::apply(WorkerSettings settings) {
  loop_.post([this, settings = std::move(settings)] {
    context_.limits = settings.limits;
    tls_ = settings.tls;
    admin_token_ = settings.admin_token;
  });
}

void Worker::drain() {
  loop_.post([this] { begin_drain(); });
}

void Worker::cut() {
  loop_.post([this] {
    begin_drain();
    for_each_session([](Http1Session& session) { session.cut(); });
    loop_.stop();
  });
}

void Worker::begin_drain() {
  context_.draining = true;
  // Who waits in a queue is taken first: closing the socket would reset them.
  for (const auto& listener : listeners_) listener->on_ready(true, false, false);
  listeners_.clear();
  for_each_session([](Http1Session& session) { session.drain(); });
}

template <class Each>
void Worker::for_each_session(Each each) {
  for (Http1Session* session = sessions_; session != nullptr;) {
    Http1Session* const next = session->next;  // it may leave the list
    each(*session);
    session = next;
  }
}

std::unique_ptr<Exchange> Worker::open(const RequestHead& head, Client& client) {
  if (admin_ == nullptr || !admin_token_ || !head.path.starts_with(kAdminPrefix)) return gateway_.open(head, client);
  return open_admin({loop_, *admin_, context_.log}, *admin_token_, context_.ids.next(loop_.wall()), head, client);
}

void Worker::on_connection(net::UniqueFd fd, bool local) {
  std::string address;
  if (gate_.counts_addresses() && !local) address = net::peer_address(fd.get()).host();
  if (!gate_.enter(address)) return turn_away(std::move(fd), local);
  if (!local) bound_unsent(fd.get());
  auto* const session = new Http1Session(context_, Transport(std::move(fd), local ? nullptr : tls_));
  session->counted_as = std::move(address);
  session->next = sessions_;
  if (sessions_ != nullptr) sessions_->previous = session;
  sessions_ = session;
}

void Worker::on_closed(Http1Session& session) {
  (session.previous != nullptr ? session.previous->next : sessions_) = session.next;
  if (session.next != nullptr) session.next->previous = session.previous;
  gate_.leave(session.counted_as);
  loop_.defer_delete([gone = &session] { delete gone; });
}

// Answered before anything is asked, so that it costs nothing; behind TLS that would take a handshake.
void Worker::turn_away(net::UniqueFd fd, bool local) {
  if (const std::int64_t refused = gate_.refusals_to_tell(loop_.now()); refused > 0 && context_.log) {
    const std::string message = "too many connections: " + std::to_string(refused) + " refused";
    context_.log({LogLevel::warning, message, {}, nullptr});
  }
  if (tls_ && !local) return;
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
