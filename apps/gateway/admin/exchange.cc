#include "app/admin/exchange.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "proxy/answer_fields.h"

namespace gateway::app {
namespace {

class AdminExchange final : public Exchange {
 public:
  AdminExchange(const AdminContext& context, const RequestId& id, const RequestHead& head, Client& client)
      : context_(context), client_(client), id_(id), client_id_(client_request_id(head.headers)), peer_(head.peer) {
    request_.method = head.method;
    request_.path = head.path.substr(kAdminPrefix.size());
    request_.query = head.query;
    request_.if_match = header_value(head.headers, "if-match");
  }
  ~AdminExchange() override { link_->exchange = nullptr; }

  bool is_authenticated() const override { return has_token_; }
  void has_token() noexcept { has_token_ = true; }
  bool wants_body() const override { return !ended_; }
  void on_body(std::string_view bytes) override {
    if (ended_) return;
    if (request_.body.size() + bytes.size() > kMostAdminBody)
      return refuse(api_error::body_too_large(static_cast<std::int64_t>(kMostAdminBody)));
    request_.body += bytes;
  }
  void on_end() override {
    if (ended_) return;
    ended_ = true;
    what_ = fmt::format("{} {}{}", request_.method, kAdminPrefix, request_.path);
    changes_ = request_.method != "GET" && request_.method != "HEAD";
    auto done = [&loop = context_.loop, link = link_](AdminAnswer answer) {
      loop.post([link, given = std::move(answer)] {
        if (link->exchange != nullptr) link->exchange->send(given);
      });
    };
    if (!context_.thread.post(std::move(request_), std::move(done))) refuse(api_error::overloaded());
  }
  void on_drained() override {}

  // The last thing it does: the client may destroy it.
  void refuse(ApiError error) {
    ended_ = true;
    const int status = error.status;
    send({status, {}, std::move(error)});
  }

 private:
  // Outlives the exchange where the answer comes later than the client stays. The loop's thread only.
  struct Link {
    AdminExchange* exchange;
  };

  void send(const AdminAnswer& answer) {
    if (changes_ && context_.log) {
      const auto id = id_.text();
      std::string message = fmt::format("administration: {} gave {}", what_, answer.status);
      if (!answer.audit.empty()) message += ": " + answer.audit;
      if (answer.error) message += ": " + answer.error->message;
      context_.log({LogLevel::info, message, id.view(), nullptr, peer_});
    }
    std::string body = answer.body;
    FieldList fields;
    fields.add_view("content-type", "application/json");
    fields.add_view("cache-control", "no-store");
    add_request_id(fields, id_, client_id_);
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
  bool has_token_ = false;
  bool changes_ = false;
  bool ended_ = false;
  std::shared_ptr<Link> link_ = std::make_shared<Link>(Link{this});
};

ApiError wrong_token() {
  ApiError error = api_error::invalid_api_key();
  error.message = "The administration needs its own token, as 'Authorization: Bearer ...': admin_token.";
  return error;
}

ApiError paused(std::chrono::milliseconds pause) {
  ApiError error = api_error::rate_limited("requests", 0, pause);
  error.message = "Too many wrong tokens came from this address. Please wait before you try again.";
  return error;
}

}  // namespace

std::string_view bearer_token(HeaderSpan headers) noexcept {
  constexpr std::string_view kBearer = "bearer ";
  std::string_view value = header_value(headers, "authorization");
  if (value.size() <= kBearer.size() || !equal_ignoring_case(value.substr(0, kBearer.size()), kBearer)) return {};
  value.remove_prefix(kBearer.size());
  while (value.starts_with(' ')) value.remove_prefix(1);
  return value;
}

std::unique_ptr<Exchange> open_admin(const AdminContext& context, const Secret& token, const RequestId& id,
                                     const RequestHead& head, Client& client) {
  auto exchange = std::make_unique<AdminExchange>(context, id, head, client);
  const std::string address(head.peer);
  const TimePoint now = context.loop.now();
  const auto turn_away = [&](ApiError error) {
    if (context.on_refused) context.on_refused("invalid_admin_token", head.peer);
    exchange->refuse(std::move(error));
  };
  if (const auto pause = context.guard.pause(address, now); pause.count() > 0) {
    turn_away(paused(pause));
  } else if (!token.equals(bearer_token(head.headers))) {
    context.guard.failed(address, now);
    turn_away(wrong_token());
  } else {
    context.guard.succeeded(address);
    exchange->has_token();
    if (head.content_length.value_or(0) > kMostAdminBody)
      exchange->refuse(api_error::body_too_large(static_cast<std::int64_t>(kMostAdminBody)));
  }
  return exchange;
}

}  // namespace gateway::app
