// The part of a connection that sends what comes of a body after the request has begun.
#include <algorithm>
#include <array>
#include <charconv>

#include "adapters/curl/connection.h"

namespace gateway::curl {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

void Connection::offer_room() {
  if (!awaits_room_ || !can_send()) return;
  awaits_room_ = false;
  sink_->on_room();
}

std::size_t Connection::send_body(std::string_view bytes) {
  std::size_t taken = 0;
  bool flows = true;
  while (taken < bytes.size() && flows && can_send()) {
    std::string_view next = bytes.substr(taken);
    if (rest_ == Rest::chunked) {
      if (chunk_left_ == 0) {
        std::array<char, 16> digits;
        char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), next.size(), 16).ptr;
        chunk_head_.assign(follows_chunk_ ? kLineEnd : "").append(digits.data(), end).append(kLineEnd);
        chunk_left_ = next.size();
        follows_chunk_ = true;
      }
      next = next.substr(0, chunk_left_);
    }
    std::size_t written = 0;
    flows = write_body(next, written);
    taken += written;
    if (rest_ == Rest::chunked) chunk_left_ -= written;
  }
  awaits_room_ = taken < bytes.size();
  return taken;
}

// What is left of a chunk's head comes first. False: the socket takes no more.
bool Connection::write_body(std::string_view bytes, std::size_t& taken) {
  const std::array<iovec, 2> pieces{
      {{chunk_head_.data(), chunk_head_.size()}, {const_cast<char*>(bytes.data()), bytes.size()}}};
  const net::IoResult result = wire_.write(std::span(pieces).subspan(chunk_head_.empty() ? 1 : 0));
  if (result.status != net::IoStatus::done) {
    if (result.status == net::IoStatus::again) return false;
    send_failed_ = true;
    loop_.defer(*this);
    return false;
  }
  const std::size_t of_head = std::min(result.bytes, chunk_head_.size());
  chunk_head_.erase(0, of_head);
  taken = result.bytes - of_head;
  return true;
}

void Connection::end_body() {
  if (rest_ == Rest::chunked && can_send()) {
    chunk_head_.assign(follows_chunk_ ? kLineEnd : "").append("0\r\n\r\n");
    unsent_.assign(1, {chunk_head_.data(), chunk_head_.size()});
    next_ = 0;
    if (!push()) loop_.defer(*this);
  }
  rest_ = Rest::none;
  awaits_room_ = false;
}

}  // namespace gateway::curl
