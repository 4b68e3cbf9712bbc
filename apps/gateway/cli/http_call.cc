#include "app/cli/http_call.h"

#include <array>
#include <optional>

#include "base/field_list.h"
#include "gateway/curl_upstream.h"
#include "gateway/epoll_loop.h"
#include "providers/base_url.h"
#include "providers/user_agent.h"

namespace gateway::app {
namespace {

constexpr std::size_t kMaxBody = 64 * 1024 * 1024;

class Gathered final : public UpstreamReply {
 public:
  explicit Gathered(const HttpCall& call) : call_(call) {}

  void on_head(const UpstreamHead& head) override {
    answer.status = head.status;
    for (const HeaderField& field : head.headers) answer.headers.emplace_back(field.name, field.value);
  }
  Flow on_body(std::string_view bytes) override {
    if (call_.on_body && answer.status == 200) {
      if (!call_.on_body(bytes)) result = Result<void>();
    } else if (answer.body.size() + bytes.size() > kMaxBody) {
      result = Error{ErrorCode::too_large, "the answer is too large"};
    } else {
      answer.body += bytes;
    }
    return Flow::more;
  }
  void on_end(Result<void> ended) override { result = std::move(ended); }

  HttpAnswer answer;
  std::optional<Result<void>> result;

 private:
  const HttpCall& call_;
};

}  // namespace

std::string_view HttpAnswer::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return {};
}

Result<HttpAnswer> http_call(const HttpCall& call) {
  const auto base = parse_base_url(call.base_url, call.proxy, call.ca_file);
  if (!base) return base.error();
  const std::string path = base->path + call.path;
  const std::string bearer = "Bearer " + call.token;
  FieldList fields;
  fields.add_view("accept", "application/json, text/event-stream");
  fields.add_view("user-agent", user_agent());
  if (!call.token.empty()) fields.add_view("authorization", bearer);
  if (!call.body.empty()) fields.add_view("content-type", "application/json");
  for (const auto& [name, value] : call.headers) fields.add_view(name, value);
  const std::array<std::string_view, 1> pieces{call.body};
  EpollLoop loop;
  CurlUpstream upstream(loop);
  Gathered reply(call);
  UpstreamRequest request{.origin = &base->origin,
                          .method = call.method,
                          .path = path,
                          .headers = fields.span(),
                          .body = std::span(pieces).first(call.body.empty() ? 0 : 1)};
  auto under_way = upstream.start(request, reply);
  const TimePoint due = loop.now() + call.limit;
  while (!reply.result && loop.now() < due) loop.run_once(std::chrono::milliseconds(200));
  under_way.reset();
  if (!reply.result) return Error{ErrorCode::timeout, "no answer within the time limit"};
  if (!*reply.result) return reply.result->error();
  return std::move(reply.answer);
}

}  // namespace gateway::app
