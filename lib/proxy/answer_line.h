// What can still be written to a client: first a head, then only a body, in pieces that the client takes one by one.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "base/buffer.h"
#include "gateway/client.h"

namespace gateway {

// Sending the head uses the client up and leaves its body, so that there is nothing a second head could be sent to.
// Of a large body no more is handed over than the client takes: the rest is kept here, where it counts as memory of the
// exchange, and not in the client, where it would count as nobody's.
class AnswerLine {
 public:
  static constexpr std::size_t kPiece = 256 * 1024;

  explicit AnswerLine(Client& client) noexcept : from_(client), client_(&client) {}

  bool head_sent() const noexcept { return body_ != nullptr; }
  // Once; a second call ends the process.
  void send_head(const ResponseHead& head) {
    if (client_ == nullptr) detail::die("an answer has one head");
    body_ = &std::exchange(client_, nullptr)->send_head(head);
  }

  // The next bytes of the body. What the client does not take of them now is copied, and handed over by go_on().
  Flow send(std::string_view bytes) {
    if (kept_.empty() && bytes.size() <= kPiece) return flow_ = body().send_body(bytes);
    return send_large(bytes);
  }
  // The same without a copy: the buffer is taken over if some of it has to be kept.
  Flow send(PaddedBuffer& bytes);
  // The client has room again. Flow::more: it took all that was kept, and may be sent more.
  Flow go_on();
  Flow flow() const noexcept { return flow_; }                // as the client last reported
  std::size_t kept() const noexcept { return kept_.size(); }  // bytes in memory here

  // The request's body may come on, whatever was answered.
  void resume_request() { from_.resume_body(); }

  // The end of the exchange: nothing of this is touched after.
  void finish() { body().finish(); }
  // Ends the connection, whatever was sent.
  void abort() { body_ != nullptr ? body_->abort() : client_->abort(); }

 private:
  // After the head; a call before it ends the process.
  ResponseBody& body() {
    if (body_ == nullptr) detail::die("an answer's body follows its head");
    return *body_;
  }
  Flow send_large(std::string_view bytes);
  Flow hand_over();

  Client& from_;
  Client* client_;  // until the head is sent
  ResponseBody* body_ = nullptr;
  Flow flow_ = Flow::more;
  PaddedBuffer kept_;
  std::size_t handed_over_ = 0;  // of what is kept
};

}  // namespace gateway
