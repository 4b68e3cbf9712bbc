#include "app/admin/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

#include "app/admin/project_scope.h"
#include "app/admin/session.h"
#include "app/server/browser.h"
#include "base/key_text.h"
#include "gateway/secret.h"
#include "proxy/answer_fields.h"

namespace gateway::app {
namespace {

// How long a stream waits for its client to take a piece.
constexpr std::chrono::seconds kClientsPatience{60};

class AdminExchange final : public Exchange {
 public:
  AdminExchange(const AdminContext& context, const RequestId& id, const RequestHead& head, Client& client)
      : context_(context), client_(client), id_(id), client_id_(client_request_id(head.headers)), peer_(head.peer) {
    request_.method = head.method;
    if (head.path.starts_with(kAdminPrefix)) request_.path = head.path.substr(kAdminPrefix.size());
    what_ = fmt::format("{} {}", head.method, head.path);
    changes_ = !only_reads(head.method, head.path);
    request_.query = head.query;
    request_.if_match = header_value(head.headers, "if-match");
    request_.last_event_id = header_value(head.headers, "last-event-id");
  }
  ~AdminExchange() override {
    link_->exchange = nullptr;
    link_->leave();
  }

  bool is_authenticated() const override { return !administrator_.name.empty(); }
  // `key_id`: it is the session of a project's key.
  void admit(Administrator administrator, std::string key_id = {}) {
    administrator_ = std::move(administrator);
    request_.may_write = administrator_.role == AdminRole::write;
    request_.key_id = std::move(key_id);
  }
  // What may be a project's key: one of the AdminThreads finds out.
  void admit_if_key(const KeyHash& hash) {
    request_.may_write = false;
    request_.key_hash = hash;
    has_key_to_judge_ = true;
  }
  void is_session(SessionCall call, std::shared_ptr<SignInTries> tries) {
    request_.session = std::move(call);
    tries_ = std::move(tries);
  }
  bool wants_body() const override { return !ended_; }
  Flow on_body(std::string_view bytes) override {
    if (ended_) return Flow::more;
    if (has_key_to_judge_ && request_.method != "POST") return refuse(api_error::body_too_large(0)), Flow::more;
    if (request_.body.size() + bytes.size() > kMostAdminBody)
      return refuse(api_error::body_too_large(static_cast<std::int64_t>(kMostAdminBody))), Flow::more;
    request_.body += bytes;
    return Flow::more;
  }
  void on_end() override {
    if (ended_) return;
    ended_ = true;
    request_was_sign_in_ = request_.method == "POST";
    auto write = [&loop = context_.loop, link = link_](std::string piece, const std::stop_token& stop) {
      if (!link->await_room(stop)) return false;
      loop.post([link, given = std::move(piece)] {
        if (link->exchange != nullptr) link->exchange->send_piece(given);
      });
      return true;
    };
    auto done = [&loop = context_.loop, link = link_](AdminAnswer answer) {
      loop.post([link, given = std::move(answer)] {
        if (link->exchange != nullptr) link->exchange->send(given);
      });
    };
    auto is_wanted = [link = link_] { return !link->is_left(); };
    if (!context_.threads.post(std::move(request_), std::move(write), std::move(done), std::move(is_wanted))) {
      refuse(api_error::overloaded());
    }
  }
  void on_drained() override { link_->give_room(); }

  // The last thing it does: the client may destroy it.
  void refuse(ApiError error) {
    ended_ = true;
    const int status = error.status;
    send({status, {}, std::move(error)});
  }

 private:
  // Outlives the exchange if the answer comes later than the client leaves.
  struct Link {
    explicit Link(AdminExchange* opened) : exchange(opened) {}

    AdminExchange* exchange;  // the loop's thread only

    // Another thread: until the client has taken what was sent. False: it has left, is too slow, or the threads stop.
    bool await_room(const std::stop_token& stop) {
      std::unique_lock lock(mutex);
      if (!changed.wait_for(lock, stop, kClientsPatience, [this] { return has_room || has_left; })) return false;
      return !stop.stop_requested() && !has_left && std::exchange(has_room, false);
    }
    void give_room() {
      const std::lock_guard lock(mutex);
      has_room = true;
      changed.notify_one();
    }
    // Whether the client has taken what was sent: then one piece may follow.
    bool take_room() {
      const std::lock_guard lock(mutex);
      return std::exchange(has_room, false);
    }
    bool is_left() {
      const std::lock_guard lock(mutex);
      return has_left;
    }
    void leave() {
      const std::lock_guard lock(mutex);
      has_left = true;
      changed.notify_one();
    }

   private:
    std::mutex mutex;
    std::condition_variable_any changed;
    bool has_room = true, has_left = false;  // under mutex
  };

  // Rows on the way to the client, from the thread of RowStreams.
  class Rows final : public RowSink {
   public:
    Rows(Loop& loop, std::shared_ptr<Link> link) : loop_(loop), link_(std::move(link)) {}
    bool is_left() override { return link_->is_left(); }
    bool take_room() override { return link_->take_room(); }
    void write(std::string piece) override {
      loop_.post([link = link_, given = std::move(piece)] {
        if (link->exchange != nullptr) link->exchange->send_piece(given);
      });
    }
    void finish() override {
      loop_.post([link = link_] {
        if (link->exchange != nullptr) link->exchange->stream_->finish();
      });
    }
    void end() override {
      loop_.post([link = link_] {
        if (link->exchange != nullptr) link->exchange->stream_->abort();
      });
    }

   private:
    Loop& loop_;
    const std::shared_ptr<Link> link_;
  };

  void send_rows(RowSubscription rows) {
    stream_ = &send_stream_head("text/event-stream");
    if (context_.streams->add(std::move(rows), std::make_shared<Rows>(context_.loop, link_))) return;
    stream_->abort();
  }

  void send_piece(const std::string& piece) {
    if (stream_ == nullptr) stream_ = &send_stream_head("application/jsonl");
    if (stream_->send_body(piece) == Flow::more) link_->give_room();
  }

  ResponseBody& send_stream_head(std::string_view type) {
    FieldList fields;
    fields.add_view("content-type", type);
    fields.add_view("cache-control", "no-store");
    add_request_id(fields, id_, client_id_);
    return client_.send_head({.status = 200, .headers = fields.span(), .content_length = std::nullopt});
  }

  void send(const AdminAnswer& answer) {
    if (tries_ && request_was_sign_in_) {
      if (answer.status != 401) tries_->taken_back(std::string(peer_));
      if (answer.status == 401 && context_.on_refused) context_.on_refused("invalid_admin_token", peer_);
    }
    if (has_key_to_judge_ && answer.status == 401) {
      context_.guard.failed(std::string(peer_), context_.loop.now());
      if (context_.on_refused) context_.on_refused("invalid_admin_token", peer_);
    }
    if (changes_ && context_.log) {
      const auto id = id_.text();
      std::string message = fmt::format("administration: {} by {} gave {}", what_,
                                        tries_ ? "a browser" : administrator_.name, answer.status);
      if (!answer.audit.empty()) message += ": " + answer.audit;
      if (answer.error) message += ": " + answer.error->message;
      context_.log({LogLevel::info, message, id.view(), nullptr, peer_});
    }
    if (answer.rows) {
      if (context_.streams != nullptr && context_.streams->has_room()) return send_rows(*answer.rows);
      return refuse(api_error::overloaded());
    }
    if (stream_ != nullptr || answer.is_streamed) {
      ResponseBody& stream = stream_ != nullptr ? *stream_ : send_stream_head("application/jsonl");
      return answer.error ? stream.abort() : stream.finish();
    }
    std::string body = answer.body;
    FieldList fields;
    fields.add_view("content-type", "application/json");
    fields.add_view("cache-control", "no-store");
    add_request_id(fields, id_, client_id_);
    if (!answer.set_cookie.empty()) fields.add("set-cookie", answer.set_cookie);
    if (answer.error) {
      append_error_body(body, *answer.error);
      add_error_fields(fields, *answer.error);
    }
    ResponseBody& out =
        client_.send_head({.status = answer.status, .headers = fields.span(), .content_length = body.size()});
    out.send_body(body);
    out.finish();
  }

  const AdminContext context_;
  Client& client_;
  const RequestId id_;
  const std::string client_id_;
  const std::string_view peer_;
  AdminRequest request_;
  std::string what_;
  Administrator administrator_;  // without a name: it has no token
  bool changes_ = false;
  bool request_was_sign_in_ = false;
  std::shared_ptr<SignInTries> tries_;  // null: no call to the session
  bool has_key_to_judge_ = false;
  bool ended_ = false;
  std::shared_ptr<Link> link_ = std::make_shared<Link>(this);
  ResponseBody* stream_ = nullptr;  // once a piece was sent
};

ApiError paused(std::chrono::milliseconds pause) {
  ApiError error = api_error::rate_limited("requests", 0, pause);
  error.message = "Too many wrong tokens came from this address. Please wait before you try again.";
  return error;
}

ApiError forbidden(std::string code, std::string message) {
  ApiError error;
  error.status = 403;
  error.type = "permission_error";
  error.code = std::move(code);
  error.message = std::move(message);
  error.should_not_retry = true;
  return error;
}

bool changes_something(std::string_view method) { return method != "GET" && method != "HEAD"; }

// A call with a session's cookie. An error: it is not to be answered. Nothing signed is no session at all.
struct CookieCall {
  bool has_session = false;
  Administrator administrator;  // of a project's key: that, which reads
  std::string key_id;
  std::optional<ApiError> error;
};

CookieCall read_cookie(const Access& access, const RequestHead& head, WallTime now) {
  const std::string_view given = SessionCookie::of(head.headers, access.has_tls).value(head.headers);
  if (given.empty() || !access.has_dashboard) return {};
  const SessionSigner signer(session_secret(access));
  auto session = signer.read(given, now);
  if (!session) return {};
  CookieCall call;
  call.has_session = true;
  call.administrator.name = call.key_id = session->who;
  call.administrator.role = AdminRole::read;
  if (auto administrator = administrator_of_session(access, session->who)) {
    call.administrator = *std::move(administrator);
    call.key_id.clear();
  } else if (is_administrators(session->who)) {
    return {};  // its token is not in the configuration any more
  }
  const bool changes = changes_something(head.method);
  if (!is_same_origin(head.headers, changes)) {
    call.error = forbidden("cross_origin", "A session's calls come from the pages of this server.");
  } else if (changes && !Secret(signer.csrf_token(*session)).equals(header_value(head.headers, "x-gateway-csrf"))) {
    call.error = forbidden("csrf",
                           "A session's calls that change something send x-gateway-csrf, which GET "
                           "/dashboard/session shows.");
  }
  return call;
}

}  // namespace

std::unique_ptr<Exchange> open_admin(const AdminContext& context, const Access& access, const RequestId& id,
                                     const RequestHead& head, Client& client) {
  auto exchange = std::make_unique<AdminExchange>(context, id, head, client);
  const std::string address(head.peer);
  const TimePoint now = context.loop.now();
  const auto turn_away = [&](ApiError error) {
    if (context.on_refused) context.on_refused("invalid_admin_token", head.peer);
    exchange->refuse(std::move(error));
  };
  const auto let_in = [&](Administrator administrator, std::string key_id) {
    exchange->admit(std::move(administrator), std::move(key_id));
    if (head.content_length.value_or(0) > kMostAdminBody)
      exchange->refuse(api_error::body_too_large(static_cast<std::int64_t>(kMostAdminBody)));
  };
  if (access.first_run && !is_loopback_host(header_value(head.headers, "host"))) {
    turn_away(foreign_host());
    return exchange;
  }
  const std::string_view token = bearer_token(head.headers);
  if (token.empty()) {
    if (CookieCall call = read_cookie(access, head, context.loop.wall()); call.has_session) {
      call.error ? turn_away(std::move(*call.error)) : let_in(std::move(call.administrator), std::move(call.key_id));
      return exchange;
    }
  }
  if (const auto pause = context.guard.pause(address, now); pause.count() > 0) {
    turn_away(paused(pause));
  } else if (auto administrator = administrator_of(access, token)) {
    context.guard.succeeded(address);
    let_in(*std::move(administrator), {});
  } else if (!looks_like_key(token)) {
    context.guard.failed(address, now);
    turn_away(wrong_token());
  } else if (!only_reads(head.method, head.path)) {
    exchange->refuse(changes_nothing());
  } else {
    exchange->admit_if_key(key_hash(token));
  }
  return exchange;
}

std::chrono::milliseconds SignInTries::pause(const std::string& address, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto found = failed_.find(address);
  if (found == failed_.end() || found->second.size() < kPerMinute) return std::chrono::milliseconds::zero();
  const TimePoint free = found->second.front() + std::chrono::minutes(1);
  return std::max(std::chrono::milliseconds::zero(), std::chrono::ceil<std::chrono::milliseconds>(free - now));
}

void SignInTries::failed(const std::string& address, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (failed_.size() >= kRemembered) failed_.clear();  // by so many addresses that no pause would stop them
  std::deque<TimePoint>& times = failed_[address];
  times.push_back(now);
  if (times.size() > kPerMinute) times.pop_front();
}

void SignInTries::taken_back(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = failed_.find(address);
  if (found == failed_.end() || found->second.empty()) return;
  found->second.pop_back();
  if (found->second.empty()) failed_.erase(found);
}

std::unique_ptr<Exchange> open_session_call(const AdminContext& context, const Access& access,
                                            const std::shared_ptr<SignInTries>& tries, const RequestId& id,
                                            const RequestHead& head, Client& client) {
  constexpr std::uint64_t kMostBody = 4096;
  auto exchange = std::make_unique<AdminExchange>(context, id, head, client);
  const std::string_view host = header_value(head.headers, "host");
  const bool changes = changes_something(head.method);
  SessionCookie cookie = SessionCookie::of(head.headers, access.has_tls);
  if (access.first_run && !is_loopback_host(host)) {
    exchange->refuse(foreign_host());
  } else if (head.method != "GET" && head.method != "HEAD" && head.method != "POST" && head.method != "DELETE") {
    exchange->refuse(api_error::method_not_allowed("GET, HEAD, POST, DELETE"));
  } else if (!is_same_origin(head.headers, changes)) {
    exchange->refuse(forbidden("cross_origin", "Only the pages of this server sign in."));
  } else if (!cookie.secure && !is_loopback_host(host)) {
    exchange->refuse(forbidden("insecure_connection",
                               "Signing in needs HTTPS, or a gateway on this machine: the connection can be read."));
  } else if (const auto pause = tries->pause(std::string(head.peer), context.loop.now());
             head.method == "POST" && pause.count() > 0) {
    exchange->refuse(paused(pause));
  } else if (head.content_length.value_or(0) > kMostBody) {
    exchange->refuse(api_error::body_too_large(static_cast<std::int64_t>(kMostBody)));
  } else {
    const std::string given(cookie.value(head.headers));
    // Counted before it is known to be wrong: many may be under way at once.
    if (head.method == "POST") tries->failed(std::string(head.peer), context.loop.now());
    exchange->is_session({access, std::move(cookie), given}, tries);
  }
  return exchange;
}

}  // namespace gateway::app
