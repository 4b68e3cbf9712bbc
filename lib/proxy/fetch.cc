#include "proxy/fetch.h"

#include "base/field_list.h"
#include "providers/anthropic.h"
#include "providers/user_agent.h"

namespace gateway {
namespace {

constexpr std::size_t kMaxBody = 64 * 1024 * 1024;

}  // namespace

Fetch::Fetch(Timer& timer, Upstream& upstream, std::shared_ptr<const Provider> provider, std::string_view path,
             std::chrono::milliseconds limit, Done done)
    : provider_(std::move(provider)), done_(std::move(done)) {
  FieldList fields;
  fields.add_view("accept", "application/json");
  fields.add_view("user-agent", user_agent());
  if (!provider_->authorization.empty()) {
    fields.add_view(provider_->authorization_name, provider_->authorization.reveal());
  }
  if (provider_->config.type == ProviderType::anthropic) fields.add_view("anthropic-version", kAnthropicVersion);
  const std::string whole_path = provider_->base.path + std::string(path);
  timer.arm(alarm_, timer.now() + limit);
  call_ = upstream.start(
      {.origin = &provider_->base.origin, .method = "GET", .path = whole_path, .headers = fields.span(), .body = {}},
      *this);
}

Flow Fetch::on_body(std::string_view bytes) {
  if (body_.size() + bytes.size() > kMaxBody) {
    finish(Error{ErrorCode::too_large, "the answer is too large"});
  } else {
    body_ += bytes;
  }
  return Flow::more;
}

void Fetch::on_end(Result<void> result) {
  if (!result) return finish(result.error());
  answer_.body = body_;
  finish(answer_);
}

void Fetch::finish(Result<Answer> result) {
  alarm_.disarm();
  call_.reset();
  // The callback may destroy this, and itself with it.
  const Done done = std::move(done_);
  done(result);
}

}  // namespace gateway
