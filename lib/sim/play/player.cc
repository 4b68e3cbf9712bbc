#include "sim/play/player.h"

#include <algorithm>

#include "sim/json_text.h"
#include "sim/play/played_upstream.h"

namespace gateway::sim {
namespace {

// About four bytes a token, as English has.
const std::string& filler() {
  static const std::string text = [] {
    std::string out;
    while (out.size() < 64 * 1024) out += "the cat sat on the mat, ";
    return out;
  }();
  return text;
}
constexpr std::int64_t kBytesPerToken = 4;

void send_filler(Exchange& exchange, std::int64_t tokens) {
  for (std::int64_t left = tokens * kBytesPerToken; left > 0 && exchange.wants_body();) {
    const auto piece = std::min(left, static_cast<std::int64_t>(filler().size()));
    exchange.on_body(std::string_view(filler()).substr(0, static_cast<std::size_t>(piece)));
    left -= piece;
  }
}

// The text of a member of an error as the gateway writes it, without escapes.
std::string text_in(std::string_view body, std::string_view member) {
  const std::size_t at = body.find(member);
  std::string text;
  if (at == body.npos) return text;
  for (std::size_t i = at + member.size(); i < body.size() && body[i] != '"'; ++i) {
    if (body[i] == '\\') ++i;
    if (i < body.size()) text += body[i];
  }
  return text;
}

}  // namespace

RequestText request_text(const Traffic& traffic, const std::string& key) {
  RequestText text;
  text.authorization = "Bearer " + key;
  text.begin = R"({"model":)" + testing::json_text(traffic.model);
  for (std::size_t i = 0; i < traffic.models.size(); ++i)
    text.begin += (i == 0 ? R"(,"models":[)" : ",") + testing::json_text(traffic.models[i]);
  if (!traffic.models.empty()) text.begin += "]";
  if (traffic.operation == Operation::embeddings) {
    text.path = "/v1/embeddings";
    text.begin += R"(,"input":")";
    text.end = "\"}";
    return text;
  }
  text.path = "/v1/chat/completions";
  if (traffic.stream) text.begin += R"(,"stream":true)";
  if (traffic.max_tokens) text.begin += R"(,"max_tokens":)" + std::to_string(*traffic.max_tokens);
  text.begin += R"(,"messages":[{"role":"user","content":")";
  text.end = "\"}]}";
  return text;
}

void Player::play(const PlayedRequest& request, const RequestText& text, Gateway& gateway) {
  request_ = request;
  status_ = 0;
  broken_ = done_ = false;
  playing_ = true;
  error_.clear(), code_.clear(), provider_.clear(), target_model_.clear();
  const Traffic& traffic = *request.traffic;
  std::vector<HeaderField> headers = {{"authorization", text.authorization}, {"content-type", "application/json"}};
  if (!traffic.name.empty()) headers.push_back({"x-client-request-id", traffic.name});
  for (const auto& [name, value] : traffic.headers) headers.push_back({name, value});
  auto exchange = gateway.open({.method = "POST", .path = text.path, .headers = headers, .has_body = true}, *this);
  exchange_ = std::move(exchange);
  // The answer may come at any of these.
  if (exchange_->wants_body()) exchange_->on_body(text.begin);
  send_filler(*exchange_, request.prompt);
  if (exchange_->wants_body()) exchange_->on_body(prompt_end(number_) + text.end);
  if (exchange_->wants_body()) exchange_->on_end();
  playing_ = false;
  if (done_) end();
}

ResponseBody& Player::send_head(const ResponseHead& head) {
  status_ = head.status;
  for (const HeaderField& field : head.headers) {
    if (field.name == "x-gateway-provider") provider_ = field.value;
    if (field.name == "x-gateway-model") target_model_ = field.value;
  }
  return *this;
}

Flow Player::send_body(std::string_view bytes) {
  constexpr std::string_view kErrorFrame = "data: {\"error\":";
  if (status_ >= 400 || bytes.starts_with(kErrorFrame)) error_ = bytes, code_ = text_in(bytes, R"("code":")");
  return Flow::more;
}

std::string Player::message() const { return text_in(error_, R"("message":")"); }

void Player::abort() {
  broken_ = true;
  end();
}

// An exchange may be destroyed within its last event; play() still needs it.
void Player::end() {
  done_ = true;
  if (playing_) return;
  exchange_.reset();
  on_done_(*this);
}

}  // namespace gateway::sim
