#include "adapters/curl/curl_multi.h"

#include <utility>

#include "gateway/result.h"

namespace gateway::curl {

// One of libcurl's sockets on the loop. libcurl expects level-triggered readiness: registering the descriptor anew
// after each event makes the loop report again what is still ready.
struct CurlMulti::Socket final : Watcher {
  Socket(CurlMulti& m, curl_socket_t s) : multi(m), fd(s) { multi.loop_.watch(fd, *this); }

  void want(int what) {
    wanted = what;
    renew();
  }
  void renew() {
    multi.loop_.unwatch(fd);
    multi.loop_.watch(fd, *this);
  }
  void forget() {
    multi.loop_.unwatch(fd);
    fd = CURL_SOCKET_BAD;
    multi.loop_.defer_delete([this] { delete this; });
  }

  void on_ready(bool readable, bool writable, bool hang_up) override {
    int ready = 0;
    if ((readable || hang_up) && (wanted & CURL_POLL_IN) != 0) ready |= CURL_CSELECT_IN;
    if ((writable || hang_up) && (wanted & CURL_POLL_OUT) != 0) ready |= CURL_CSELECT_OUT;
    if (ready == 0) return;
    multi.act(fd, ready);
    if (fd != CURL_SOCKET_BAD) renew();
  }

  CurlMulti& multi;
  curl_socket_t fd;
  int wanted = 0;
};

CurlMulti::CurlMulti(Loop& loop) : loop_(loop), multi_(curl_multi_init()) {
  if (multi_ == nullptr) detail::die("libcurl cannot start");
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

CurlMulti::~CurlMulti() {
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  curl_multi_cleanup(multi_);
}

int CurlMulti::on_socket(CURL*, curl_socket_t fd, int what, void* self, void* known) {
  CurlMulti& multi = *static_cast<CurlMulti*>(self);
  auto* socket = static_cast<Socket*>(known);
  if (what == CURL_POLL_REMOVE) {
    if (socket == nullptr) return 0;
    curl_multi_assign(multi.multi_, fd, nullptr);
    socket->forget();
    return 0;
  }
  if (socket == nullptr) {
    socket = new Socket(multi, fd);
    curl_multi_assign(multi.multi_, fd, socket);
    socket->wanted = what;
  } else {
    socket->want(what);
  }
  return 0;
}

int CurlMulti::on_timer(CURLM*, long milliseconds, void* self) {
  CurlMulti& multi = *static_cast<CurlMulti*>(self);
  if (milliseconds < 0) {
    multi.alarm_.disarm();
  } else if (milliseconds == 0) {
    multi.loop_.defer(multi.kick_);
  } else {
    multi.loop_.arm(multi.alarm_, multi.loop_.now() + std::chrono::milliseconds(milliseconds));
  }
  return 0;
}

void CurlMulti::on_timeout() { act(CURL_SOCKET_TIMEOUT, 0); }

void CurlMulti::act(curl_socket_t fd, int ready) {
  int running = 0;
  curl_multi_socket_action(multi_, fd, ready, &running);
  int queued = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    char* owner = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
    if (owner != nullptr) reinterpret_cast<EasyOwner*>(owner)->on_done(result);
  }
}

MultiMember::MultiMember(CurlMulti& multi, CURL* easy) : multi_(&multi), easy_(easy) {
  ++multi.members_;
  if (curl_multi_add_handle(multi.multi_, easy) != CURLM_OK) detail::die("libcurl takes no handle");
}

MultiMember::MultiMember(MultiMember&& o) noexcept
    : multi_(std::exchange(o.multi_, nullptr)), easy_(std::exchange(o.easy_, nullptr)) {}

MultiMember& MultiMember::operator=(MultiMember&& o) noexcept {
  if (this != &o) {
    leave();
    multi_ = std::exchange(o.multi_, nullptr);
    easy_ = std::exchange(o.easy_, nullptr);
  }
  return *this;
}

void MultiMember::leave() noexcept {
  if (easy_ == nullptr) return;
  curl_multi_remove_handle(multi_->multi_, easy_);
  curl_easy_cleanup(easy_);
  --multi_->members_;
  easy_ = nullptr;
}

}  // namespace gateway::curl
