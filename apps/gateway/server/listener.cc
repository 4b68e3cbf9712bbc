#include "app/server/listener.h"

#include <chrono>
#include <utility>

#include "net/socket.h"

namespace gateway::app {
namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

Listener::Listener(Loop& loop, net::UniqueFd fd, const Entrance& entrance, const ConnectionGate& gate,
                   ConnectionSink& sink)
    : loop_(loop), fd_(std::move(fd)), entrance_(entrance), gate_(gate), sink_(sink) {
  loop_.watch(fd_.get(), *this);
}

Listener::~Listener() { loop_.unwatch(fd_.get()); }

void Listener::on_ready(bool, bool, bool) {
  if (!again_.armed()) accept();
}

void Listener::accept() {
  for (int accepted = 0; accepted < kAcceptsPerTurn; ++accepted) {
    if (!gate_.has_descriptors()) return loop_.arm(again_, loop_.now() + kPause);
    net::AcceptResult result = net::accept_one(fd_.get());
    if (result.what == net::Accepted::none) return;
    if (result.what == net::Accepted::exhausted) return loop_.arm(again_, loop_.now() + kPause);
    sink_.on_connection(std::move(result.fd), entrance_);
  }
  loop_.arm(again_, loop_.now());
}

}  // namespace gateway::app
