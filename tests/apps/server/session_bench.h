// Sessions over socket pairs, their exchanges scripted by the test.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/server/http1_session.h"
#include "apps/server/test_loop.h"
#include "support/catch.h"

namespace gateway::app {

// What happened to one exchange; outlives it.
struct Script {
  std::string method, path, query, authorization;
  std::optional<std::uint64_t> content_length;
  bool has_body = false;
  std::string body;
  bool ended = false;  // the request was complete
  bool destroyed = false;
  int drained = 0;
  bool wants_body = true;
  bool relays_body = false;
  Flow flow = Flow::more;  // what the exchange says of more of the body
  Client* client = nullptr;
  ResponseBody* body_out = nullptr;     // once the head is sent
  std::function<void(Script&)> at_end;  // called in on_end

  void answer(std::string_view text, int status = 200) {
    wants_body = false;
    const HeaderField fields[] = {{"x-request-id", "req_1"}};
    body_out = &client->send_head({status, fields, text.size()});
    static_cast<void>(body_out->send_body(text));
    body_out->finish();
  }
  void begin_stream() {
    wants_body = false;
    const HeaderField fields[] = {{"content-type", "text/event-stream"}};
    body_out = &client->send_head({200, fields, std::nullopt});
  }
};

class ScriptedExchange final : public Exchange {
 public:
  explicit ScriptedExchange(Script& script) : script_(script) {}
  ~ScriptedExchange() override { script_.destroyed = true; }
  bool wants_body() const override { return script_.wants_body; }
  bool relays_body() const override { return script_.relays_body; }
  Flow on_body(std::string_view bytes) override { return script_.body += bytes, script_.flow; }
  void on_end() override {
    script_.ended = true;
    if (script_.at_end) script_.at_end(script_);
  }
  void on_drained() override { ++script_.drained; }

 private:
  Script& script_;
};

class SessionBench final : public ExchangeOpener, public SessionOwner {
 public:
  SessionBench() : context(loop, *this, *this, RequestIdSource(7, 1)) {}
  ~SessionBench() {
    for (Http1Session* session : sessions_) delete session;
    for (int fd : ours_) ::close(fd);
  }

  // A new connection: returns the client's end.
  int connect() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    ours_.push_back(ends[0]);
    sessions_.push_back(new Http1Session(context, Transport(net::UniqueFd(ends[1]), nullptr)));
    return ends[0];
  }
  static void send(int fd, std::string_view bytes) {
    REQUIRE(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }
  // All that is there; `*ended`: and then the end. A reset throws nothing away that came before it.
  static std::string receive(int fd, bool* ended = nullptr, std::size_t most = SIZE_MAX) {
    std::string all;
    char room[16 * 1024];
    while (all.size() < most) {
      const ssize_t n = ::recv(fd, room, std::min(sizeof room, most - all.size()), 0);
      if (ended != nullptr) *ended = n == 0 || (n < 0 && errno != EAGAIN);
      if (n <= 0) break;
      all.append(room, static_cast<std::size_t>(n));
    }
    return all;
  }
  // Sends, lets the session work, returns the answers.
  std::string ask(int fd, std::string_view bytes, bool* ended = nullptr) {
    send(fd, bytes);
    loop.turns(3);
    return receive(fd, ended);
  }
  bool closed(int fd) {
    bool ended = false;
    receive(fd, &ended);
    return ended;
  }

  std::unique_ptr<Exchange> open(const RequestHead& head, Client& client) override {
    Script& script = scripts.emplace_back();
    script.method = head.method;
    script.path = head.path;
    script.query = head.query;
    script.authorization = header_value(head.headers, "authorization");
    script.content_length = head.content_length;
    script.has_body = head.has_body;
    script.client = &client;
    auto exchange = std::make_unique<ScriptedExchange>(script);
    if (at_open) at_open(script);
    return exchange;
  }
  bool allows_cors(const RequestHead& head) const override { return head.path != no_cors_at; }
  void on_closed(Http1Session& session) override {
    std::erase(sessions_, &session);
    loop.defer_delete([gone = &session] { delete gone; });
  }

  void set_limits(const std::function<void(SessionLimits&)>& change) {
    SessionLimits limits = *context.limits;
    change(limits);
    context.limits = std::make_shared<SessionLimits>(limits);
  }
  std::vector<Http1Session*>& sessions() { return sessions_; }

  TestLoop loop;
  SessionContext context;
  std::deque<Script> scripts;
  std::function<void(Script&)> at_open;
  std::string no_cors_at;  // a path

 private:
  std::vector<Http1Session*> sessions_;
  std::vector<int> ours_;
};

inline const std::string kGet = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
inline std::string post(const std::string& body, const std::string& fields = {}) {
  return "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
inline int count(std::string_view text, std::string_view what) {
  int n = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += what.size()) ++n;
  return n;
}
inline bool has(std::string_view text, std::string_view what) { return text.find(what) != text.npos; }

}  // namespace gateway::app
