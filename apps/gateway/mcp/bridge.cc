#include "app/mcp/bridge.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/field_list.h"
#include "gateway/curl_upstream.h"
#include "gateway/epoll_loop.h"
#include "providers/base_url.h"
#include "wire/jsonrpc/message.h"

namespace gateway::app::mcp {
namespace {

constexpr auto kLongestCall = std::chrono::seconds(120);
constexpr std::size_t kMaxAnswer = 8 * 1024 * 1024;
constexpr std::size_t kMaxFieldValue = 128;
constexpr int kBridgeError = -32000;

struct Reply {
  int status = 0;
  std::string body;
};

// One POST, waited for.
class Post final : private UpstreamReply {
 public:
  Post(EpollLoop& loop, Upstream& upstream, const UpstreamRequest& request) : loop_(loop) {
    call_ = upstream.start(request, *this);
  }
  Result<Reply> wait() {
    const TimePoint end = loop_.now() + kLongestCall;
    while (!done_ && loop_.now() < end) loop_.run_once(std::chrono::seconds(1));
    call_.reset();
    return done_ ? std::move(*done_) : Result<Reply>(Error{ErrorCode::timeout, "no answer within two minutes"});
  }

 private:
  void on_head(const UpstreamHead& head) override { reply_.status = head.status; }
  Flow on_body(std::string_view bytes) override {
    if (reply_.body.size() + bytes.size() <= kMaxAnswer) reply_.body += bytes;
    return Flow::more;
  }
  void on_end(Result<void> result) override {
    done_ = result ? Result<Reply>(std::move(reply_)) : Result<Reply>(std::move(result).error());
  }

  EpollLoop& loop_;
  Reply reply_;
  std::optional<Result<Reply>> done_;
  std::unique_ptr<Call> call_;
};

std::string text_at(const std::optional<simdjson::dom::object>& object, std::string_view name) {
  std::string_view text;
  if (!object || object->at_key(name).get(text) || text.size() > kMaxFieldValue) return {};
  return std::string(text);
}

// "message" of an error, whatever its shape; empty: none.
std::string message_of(const std::string& body) {
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(body).at_key("error").at_key("message").get(text)) return {};
  return std::string(text);
}

class HttpBridge final : public Bridge {
 public:
  HttpBridge(BaseUrl base, const Secret& key) : base_(std::move(base)) {
    path_ = base_.path + "/mcp";
    authorization_ = "Bearer ";
    authorization_ += key.reveal();
  }

  std::string answer(const std::string& line) override {
    jsonrpc::Message message;
    jsonrpc::Fault fault;
    if (!reader_.read(line, message, fault)) return jsonrpc::error_text(message.id, fault);
    auto reply = post(line, message);
    const bool wants_answer = message.kind == jsonrpc::Message::Kind::request;
    if (!reply) {
      if (!wants_answer) return {};
      return jsonrpc::error_text(message.id,
                                 {kBridgeError, fmt::format("{}: {}", base_.origin.id, reply.error().detail)});
    }
    if (!wants_answer) return {};
    std::replace(reply->body.begin(), reply->body.end(), '\n', ' ');
    if (is_answer_to(message.id, reply->body)) return std::move(reply->body);
    const std::string why = message_of(reply->body);
    return jsonrpc::error_text(message.id, {kBridgeError, fmt::format("{} answered {}{}{}", base_.origin.id,
                                                                      reply->status, why.empty() ? "" : ": ", why)});
  }

 private:
  Result<Reply> post(const std::string& line, const jsonrpc::Message& message) {
    FieldList fields;
    fields.add_view("authorization", authorization_);
    fields.add_view("content-type", "application/json");
    fields.add_view("accept", "application/json, text/event-stream");
    // What the modern era wants in the head; in the other one they are not looked at.
    simdjson::dom::object meta;
    std::string version, name;
    if (message.params && !message.params->at_key("_meta").get(meta))
      version = text_at(meta, "io.modelcontextprotocol/protocolVersion");
    if (!version.empty()) {
      name = text_at(message.params, "name");
      fields.add_view("mcp-protocol-version", version);
      if (message.method.size() <= kMaxFieldValue) fields.add_view("mcp-method", message.method);
      if (!name.empty()) fields.add_view("mcp-name", name);
    }
    const std::string_view body[] = {line};
    return Post(loop_, upstream_,
                {.origin = &base_.origin, .method = "POST", .path = path_, .headers = fields.span(), .body = body})
        .wait();
  }

  bool is_answer_to(const std::string& id, const std::string& body) {
    simdjson::dom::element element;
    if (checker_.parse(body).at_key("id").get(element)) return false;
    return std::string(simdjson::minify(element)) == id;
  }

  BaseUrl base_;
  std::string path_, authorization_;
  EpollLoop loop_;
  CurlUpstream upstream_{loop_};
  jsonrpc::Reader reader_;
  simdjson::dom::parser checker_;
};

}  // namespace

Result<std::unique_ptr<Bridge>> Bridge::open(std::string_view url, const Secret& key) {
  auto base = parse_base_url(url);
  if (!base) return Error{ErrorCode::invalid, "--url: " + base.error().detail};
  return std::unique_ptr<Bridge>(std::make_unique<HttpBridge>(std::move(*base), key));
}

}  // namespace gateway::app::mcp
