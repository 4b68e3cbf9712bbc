// What can still be written to a client: first a head, then only a body.
#pragma once

#include <utility>

#include "gateway/client.h"

namespace gateway {

// Sending the head uses the client up and leaves its body, so that there is nothing a second head could be sent to.
class AnswerLine {
 public:
  explicit AnswerLine(Client& client) noexcept : client_(&client) {}

  bool head_sent() const noexcept { return body_ != nullptr; }
  // Once; a second call ends the process.
  void send_head(const ResponseHead& head) {
    if (client_ == nullptr) detail::die("an answer has one head");
    body_ = &std::exchange(client_, nullptr)->send_head(head);
  }
  // After the head; a call before it ends the process.
  ResponseBody& body() {
    if (body_ == nullptr) detail::die("an answer's body follows its head");
    return *body_;
  }
  // Ends the connection, whatever was sent.
  void abort() { body_ != nullptr ? body_->abort() : client_->abort(); }

 private:
  Client* client_;  // until the head is sent
  ResponseBody* body_ = nullptr;
};

}  // namespace gateway
