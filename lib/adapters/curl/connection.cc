#include "adapters/curl/connection.h"

#include <algorithm>
#include <utility>

namespace gateway::curl {
namespace {

constexpr std::size_t kPiecesAtOnce = 64;
constexpr int kReadsPerTurn = 16;  // then others have their turn

std::size_t drop_front(std::vector<iovec>& pieces, std::size_t next, std::size_t bytes) {
  while (next < pieces.size() && bytes >= pieces[next].iov_len) bytes -= pieces[next++].iov_len;
  if (bytes != 0) {
    pieces[next].iov_base = static_cast<char*>(pieces[next].iov_base) + bytes;
    pieces[next].iov_len -= bytes;
  }
  return next;
}

}  // namespace

Connection::Connection(Loop& loop, Wire wire, IdleSink& idle, std::span<char> room, const http1::ResponseLimits& limits)
    : loop_(loop), idle_(idle), room_(room), wire_(std::move(wire)), parser_(limits) {
  loop_.watch(wire_.fd(), *this);
}

Connection::~Connection() { close(); }

void Connection::close() {
  sink_ = nullptr;
  reusable_ = false;
  turn_.disarm();
  if (!open()) return;
  loop_.unwatch(wire_.fd());
  wire_.close();
}

bool Connection::begin(AnswerSink& sink, std::string_view head, std::span<const std::string_view> body, bool to_head,
                       Rest rest) {
  unsent_.clear();
  unsent_.push_back({const_cast<char*>(head.data()), head.size()});
  for (const std::string_view piece : body) {
    if (!piece.empty()) unsent_.push_back({const_cast<char*>(piece.data()), piece.size()});
  }
  next_ = 0;
  rest_ = rest;
  awaits_room_ = rest != Rest::none;
  follows_chunk_ = unsent_.size() > 1;
  chunk_head_.clear();
  chunk_left_ = 0;
  send_failed_ = paused_ = resumed_ = hung_up_ = keep_alive_ = reusable_ = false;
  const bool open = push();
  const bool untouched = next_ == 0 && unsent_[0].iov_len == head.size();
  if (!open && untouched) return false;
  if (next_ == 0) {  // the head is the caller's
    head_.assign(static_cast<const char*>(unsent_[0].iov_base), unsent_[0].iov_len);
    unsent_[0].iov_base = head_.data();
  }
  sink_ = &sink;
  parser_.reset(*this, to_head);
  if (!open || awaits_room_) loop_.defer(*this);
  return true;
}

// Writes what the socket takes. False: it takes no more.
bool Connection::push() {
  while (next_ < unsent_.size()) {
    const auto pieces = std::span(unsent_).subspan(next_);
    const net::IoResult result = wire_.write(pieces.first(std::min(pieces.size(), kPiecesAtOnce)));
    if (result.status == net::IoStatus::again) return true;
    if (result.status != net::IoStatus::done) {
      send_failed_ = true;
      return false;
    }
    next_ = drop_front(unsent_, next_, result.bytes);
  }
  return true;
}

void Connection::resume() {
  resumed_ = true;
  if (paused_) loop_.defer(*this);
}

void Connection::on_ready(bool readable, bool writable, bool hang_up) {
  hung_up_ = hung_up_ || hang_up;
  if (readable || hang_up) drained_ = false;
  if (sink_ == nullptr) {
    if ((readable || hang_up) && (hang_up || !wire_.quiet())) idle_.on_idle_end(*this);
    return;
  }
  const bool failed = writable && !send_failed_ && !push();
  if (writable) offer_room();
  if (readable || hang_up || failed) pump();
}

void Connection::on_turn() { pump(); }

// A request whose first pieces have left, a resumed answer, or a request whose sending broke off within a call.
void Connection::run_deferred() {
  offer_room();
  if (sink_ == nullptr || (paused_ ? !resumed_ : !send_failed_)) return;
  paused_ = resumed_ = false;
  drained_ = false;  // an event may have been collected that has not been reported to it
  if (flow_of(sink_->on_resumed()) == Flow::pause || sink_ == nullptr) return;
  const std::string held = std::exchange(held_, {});
  if (digest(held) == Next::read) pump();
}

void Connection::pump() {
  for (int reads = 0; reads < kReadsPerTurn; ++reads) {
    if (sink_ == nullptr || paused_) return;
    const net::IoResult result = wire_.read(room_);
    if (result.status != net::IoStatus::done) return on_read_end(result);
    // A plain socket that filled less than the room is empty, and raises an event for what comes next. Not so for the
    // end of the stream, if it was reported together with these bytes.
    drained_ = !wire_.secure() && !hung_up_ && result.bytes < room_.size();
    if (digest({room_.data(), result.bytes}) == Next::stop || drained_) return;
  }
  loop_.arm(turn_, loop_.now());
}

Connection::Next Connection::digest(std::string_view bytes) {
  const auto fed = parser_.feed(bytes);
  if (sink_ == nullptr) return Next::stop;
  bytes.remove_prefix(fed.consumed);
  switch (fed.state) {
    case http1::ParseState::need_more:
      return Next::read;
    case http1::ParseState::paused:
      held_.assign(bytes);
      return Next::stop;
    case http1::ParseState::complete:
      reusable_ =
          keep_alive_ && bytes.empty() && request_done() && !send_failed_ && !hung_up_ && (drained_ || wire_.quiet());
      finish({});
      return Next::stop;
    case http1::ParseState::error:
      break;
  }
  finish(Error{parser_.too_large() ? ErrorCode::too_large : ErrorCode::protocol, parser_.error()});
  return Next::stop;
}

void Connection::on_read_end(const net::IoResult& end) {
  if (end.status == net::IoStatus::again) {
    drained_ = true;
    if (send_failed_) finish(Error{ErrorCode::lost, "the connection broke while the request was sent"});
    return;
  }
  const bool in_order = end.status == net::IoStatus::closed && end.error == 0;
  if (in_order && parser_.eof() == http1::ParseState::complete) {
    if (sink_ != nullptr) finish({});
    return;
  }
  const bool before = !parser_.head_seen();
  finish(Error{ErrorCode::lost, std::string("the connection was ") + (in_order ? "closed" : "reset") +
                                    (before ? " before the answer" : " within the answer")});
}

void Connection::finish(Result<void> result) { std::exchange(sink_, nullptr)->on_done(std::move(result)); }

// What is reported to the parser after the sink was called.
Flow Connection::flow_of(Flow wish) {
  if (sink_ == nullptr) return Flow::pause;
  paused_ = wish == Flow::pause;
  if (paused_ && resumed_) loop_.defer(*this);
  return wish;
}

Flow Connection::on_head(int status, HeaderSpan fields) {
  if (sink_ == nullptr) return Flow::pause;
  resumed_ = false;
  return flow_of(sink_->on_head(status, fields));
}

Flow Connection::on_body(std::string_view bytes) {
  if (sink_ == nullptr) return Flow::pause;
  resumed_ = false;
  return flow_of(sink_->on_body(bytes));
}

void Connection::on_complete(bool keep_alive) { keep_alive_ = keep_alive; }

void retire(Loop& loop, std::unique_ptr<Connection> connection) {
  if (!connection) return;
  connection->close();
  loop.defer_delete([gone = connection.release()] { delete gone; });
}

}  // namespace gateway::curl
