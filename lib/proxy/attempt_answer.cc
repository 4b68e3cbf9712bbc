// The part of an attempt that hands an answer on to the client, in its own shape.
#include <chrono>
#include <string>
#include <utility>
#include <variant>

#include "proxy/attempt.h"

namespace gateway {
namespace {

constexpr std::size_t kMaxKeptText = 1024 * 1024;  // of the memory that is used again

// Clients of one shape read what answers of another leave out: when it was made, by what, under which id.
chat::Begin completed(chat::Begin begin, std::string_view id, std::string_view model, WallTime made) {
  if (begin.id.empty()) begin.id = id;
  if (begin.model.empty()) begin.model = model;
  if (begin.created == 0) {
    begin.created = std::chrono::duration_cast<std::chrono::seconds>(made.time_since_epoch()).count();
  }
  return begin;
}

// Under its own name, whatever its provider was sent.
chat::ToolBegin renamed(chat::ToolBegin call, const ExchangeRequest& request) {
  const auto found = request.long_tools.find(call.name);
  if (found != request.long_tools.end()) call.name = found->second;
  return call;
}

}  // namespace

void Attempt::relay(std::string_view bytes) {
  if (counted_ > 0) count_kept();  // what was kept of it goes out now, and is the connection's
  send(bytes);
}

void Attempt::event(const ChatEvent& event) {
  if (!writer_) writer_ = request_.surface->open_writer(request_.facts);
  worker_.text.clear();
  if (const auto* begin = std::get_if<chat::Begin>(&event)) {
    const auto id = request_.id.text();
    writer_->write(completed(*begin, id.view(), plan_.target_model, request_.accepted), worker_.text);
  } else if (const auto* call = std::get_if<chat::ToolBegin>(&event)) {
    writer_->write(renamed(*call, request_), worker_.text);
  } else {
    writer_->write(event, worker_.text);
  }
  flush_written();
}

// Of a stream it goes out at once; a document is gathered, and goes out with its length.
void Attempt::flush_written() {
  if (worker_.text.empty()) return;
  if (request_.facts.stream) {
    send(worker_.text);
  } else {
    if (!written_) written_.emplace(worker_.buffers);
    (*written_)->append(worker_.text);
  }
  if (worker_.text.capacity() > kMaxKeptText) std::string().swap(worker_.text);
}

void Attempt::send(std::string_view bytes) {
  state_ = State::sending;
  last_sent_ = last_bytes_;
  if (events_.on_stream(*this, bytes) == Flow::pause) pause();
}

PaddedBuffer* Attempt::document() noexcept {
  if (written_) return &**written_;
  return answer_.get() != nullptr ? answer_->document() : nullptr;
}

}  // namespace gateway
