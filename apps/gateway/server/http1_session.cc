#include "app/server/http1_session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "app/server/cors.h"
#include "wire/openai/error_body.h"

namespace gateway::app {
namespace {

constexpr std::size_t kMostPipelined = 16 * 1024;  // of input kept while an answer is under way
constexpr std::uint64_t kShortBody = 64 * 1024;    // read and dropped for the sake of the connection
constexpr int kReadsPerTurn = 16;
constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::chrono::milliseconds kStrangersKeepAlive{5'000};  // after a 401
constexpr std::chrono::milliseconds kBodyGrace{10'000};          // before the least rate of a body is required

}  // namespace

Http1Session::Http1Session(SessionContext& context, Transport transport, SessionPeer peer)
    : context_(context),
      limits_(context.limits),
      transport_(std::move(transport)),
      peer_(std::move(peer)),
      parser_(limits_->request),
      outbox_(context.buffers),
      begun_(context.loop.now()),
      memory_(context.memory) {
  context_.loop.watch(transport_.fd(), *this);
  context_.sessions.add(*this);
  context_.strangers.add(*this);
  await_input(limits_->head);
}

Http1Session::~Http1Session() {
  exchange_.reset();
  if (phase_ != Phase::closed) leave();
  context_.buffers.give(std::move(pending_));
}

// --- reading

void Http1Session::on_ready(bool readable, bool, bool hang_up) {
  if (phase_ == Phase::closed) return;
  // With TLS, reading may have waited to write and writing to read.
  if (readable || hang_up || !transport_.plain()) read_input(hang_up);
  if (phase_ != Phase::closed && !outbox_.empty()) schedule();
}

std::size_t Http1Session::room_for_input() const noexcept {
  if (phase_ == Phase::body && body_waits()) return 0;
  if (pending_.empty() && (phase_ == Phase::body || phase_ >= Phase::flushing)) return SessionContext::kReadSize;
  if (pending_.empty() && ready_for_requests()) return kMostPipelined;
  const std::size_t most = memory_is_short() ? 1 : kMostPipelined;
  return most - std::min(most, pending_.size());
}

bool Http1Session::ready_for_requests() const noexcept {
  if (phase_ == Phase::body) return !body_waits();
  return phase_ == Phase::head || (phase_ == Phase::waiting && outbox_.empty());
}

void Http1Session::read_input(bool hang_up) {
  for (int reads = 0; phase_ != Phase::closed; ++reads) {
    const std::size_t most = room_for_input();
    if (most == 0 || reads == kReadsPerTurn) {
      input_held_ = true;
      if (hang_up && exchange_ && answer_pending()) return peer_ended(false);
      if (most > 0) context_.loop.arm(resume_alarm_, context_.loop.now());
      return;
    }
    const std::span<char> room(context_.scratch.get(), most);
    const net::IoResult read = transport_.read(room);
    if (read.status == net::IoStatus::again) return;
    if (read.status != net::IoStatus::done) return peer_ended(read.error != 0 || read.status == net::IoStatus::failed);
    received({room.data(), read.bytes});
    if (transport_.plain() && read.bytes < room.size() && !hang_up) return;
  }
}

void Http1Session::received(std::string_view bytes) {
  if (phase_ == Phase::flushing || phase_ == Phase::lingering) {
    dropped_ += bytes.size();
    if (dropped_ > std::max(limits_->request.max_body, limits_->request.max_form)) close();
    return;
  }
  if (pending_.empty()) advance(bytes);
  keep(bytes);
  count_memory();
}

void Http1Session::keep(std::string_view rest) {
  if (rest.empty() || phase_ >= Phase::flushing) return;
  if (pending_.capacity() == 0) pending_ = context_.buffers.take();
  pending_.append(rest);
}

void Http1Session::take_up_pending() {
  // A body's end may be all that is still to be looked at.
  if (!ready_for_requests() || (pending_.empty() && phase_ != Phase::body)) return;
  PaddedBuffer batch = std::exchange(pending_, PaddedBuffer{});
  std::string_view rest = batch.view();
  advance(rest);
  keep(rest);
  context_.buffers.give(std::move(batch));
}

void Http1Session::take_up_input() {
  if (!turn_.body_held && std::exchange(turn_.decodes, false)) {
    decode_body(std::exchange(turn_.undecoded, {}));
    settle_turn();
  }
  take_up_pending();
  if (phase_ != Phase::closed && room_for_input() > 0 && std::exchange(input_held_, false)) read_input(false);
}

void Http1Session::advance(std::string_view& input) {
  while (ready_for_requests()) {
    switch (parser_.next(input)) {
      case http1::RequestEvent::need_more:
        if (phase_ == Phase::waiting && !parser_.between_messages()) enter(Phase::head);
        if (phase_ == Phase::body && !input_alarm_.armed()) context_.loop.arm(input_alarm_, body_due());
        return;
      case http1::RequestEvent::head:
        begin_turn();
        break;
      case http1::RequestEvent::body:
        turn_.body_bytes += parser_.body().size();
        turn_.body_at = context_.loop.now();
        take_body(parser_.body());
        break;
      case http1::RequestEvent::complete:
        end_of_request();
        break;
      case http1::RequestEvent::refused:
        return refuse(parser_.refusal());
    }
    settle_turn();
  }
}

// --- one request

void Http1Session::begin_turn() {
  const http1::ParsedHead& parsed = parser_.head();
  RequestHead head = parsed.request;
  head.peer = peer_.address;
  head.may_read_metrics = peer_.on_this_machine;
  (authenticated_ ? context_.known : context_.strangers).add(*this);
  asked_ = true;
  turn_ = {};
  turn_.http_1_0 = parsed.http_1_0;
  turn_.body_since = context_.loop.now();
  turn_.keep_alive = parsed.keep_alive && !context_.draining;
  ExchangeOpener& opener = peer_.opener != nullptr ? *peer_.opener : context_.opener;
  if (!limits_->cors_origins.empty() && opener.allows_cors(head)) {
    turn_.origin = allowed_origin(limits_->cors_origins, header_value(head.headers, "origin"));
  }
  if (parsed.expectation == http1::Expectation::unknown) {
    return refuse({417, "expectation_failed", "the only expectation this server meets is 100-continue"});
  }
  const bool waits_for_leave = parsed.expectation == http1::Expectation::go_on && head.has_body;
  turn_.short_body = !waits_for_leave && (!head.has_body || head.content_length.value_or(kShortBody + 1) <= kShortBody);
  enter(Phase::body);
  if (answered_here(head)) return;
  if (head.method == "HEAD") {
    turn_.to_head = true;
    head.method = "GET";
  }
  const http1::Coding coding =
      head.has_body ? http1::coding_of(header_value(head.headers, "content-encoding")) : http1::Coding::identity;
  if (coding == http1::Coding::unsupported) {
    return refuse(
        {415, "unsupported_content_encoding", "A body may be encoded as gzip, deflate or zstd, by one of them."});
  }
  if (coding != http1::Coding::identity) head.content_length.reset();  // how long it is decoded is not known
  exchange_ = opener.open(head, *this);
  if (!authenticated_ && exchange_->is_authenticated()) {
    authenticated_ = true;
    context_.known.add(*this);
  }
  if (coding != http1::Coding::identity && exchange_->wants_body()) turn_.decoder = http1::make_body_decoder(coding);
  if (waits_for_leave && turn_.answer == Answer::none && exchange_->wants_body()) {
    http1::write_continue(outbox_.buffer());
    turn_.short_body = head.content_length.value_or(kShortBody + 1) <= kShortBody;
    schedule();
  }
}

bool Http1Session::answered_here(const RequestHead& head) {
  if (head.method != "OPTIONS") return false;
  const bool preflight = !turn_.origin.empty() && find_header(head.headers, "access-control-request-method") != nullptr;
  if (!preflight && head.path != "*") return false;
  const auto id = context_.ids.next(context_.loop.wall()).text();
  const std::string origin = std::exchange(turn_.origin, {});
  std::vector<HeaderField> fields;
  if (preflight) fields = preflight_fields(origin, head.headers);
  if (!preflight) fields.push_back({"allow", "GET, HEAD, POST, DELETE, OPTIONS"});
  fields.push_back({"x-request-id", id.view()});
  send_head({204, fields, std::nullopt});
  finish();
  return true;
}

// After anything that may have ended the answer: on to the next request, or to the end of the connection.
void Http1Session::settle_turn() {
  if (answer_pending() || phase_ >= Phase::flushing) return;
  exchange_.reset();
  paused_ = false;
  drop_held_body();
  if (turn_.answer == Answer::aborted || !turn_.keep_alive || context_.draining) return end_connection();
  if (!turn_.body_complete) return;  // it is short: the rest is read and dropped
  turn_ = {};
  idle_since_ = context_.loop.now();
  enter(Phase::waiting);
}

void Http1Session::refuse(const http1::Refusal& refusal) {
  exchange_.reset();
  if (turn_.answer != Answer::none) return close();  // within another answer there is no saying it
  answer_error(refusal);
  settle_turn();
}

void Http1Session::answer_error(const http1::Refusal& refusal) {
  const auto id = context_.ids.next(context_.loop.wall()).text();
  const bool ours = refusal.status >= 500 && refusal.status != 505;
  ApiError error;
  error.status = refusal.status;
  error.type = ours ? "server_error" : "invalid_request_error";
  error.code = refusal.code;
  error.message = refusal.message;
  std::string body;
  append_error_body(body, error);
  std::vector<HeaderField> fields{{"content-type", "application/json"}, {"x-request-id", id.view()}};
  if (refusal.status == 405) fields.push_back({"allow", "GET, HEAD, POST, DELETE, OPTIONS"});
  if (refusal.status == 503) fields.push_back({"retry-after", "1"});
  turn_.keep_alive = false;
  send_head({refusal.status, fields, body.size()});
  static_cast<void>(send_body(body));
  finish();
  if (context_.on_refused) context_.on_refused(refusal.code, peer_.address);
  if (context_.log) context_.log({LogLevel::debug, refusal.message, id.view(), nullptr, peer_.address});
}

// --- the end

void Http1Session::peer_ended(bool broken) {
  peer_ended_ = true;
  // Whoever waits for an answer has left. One that was sent may still be taken by a client that ended its side only.
  const bool answer_waits = !outbox_.empty() && !(exchange_ && answer_pending());
  if (broken || !answer_waits) return close();
  exchange_.reset();
  enter(Phase::flushing);
  schedule();
}

// Once everything is sent: the client must not lose the answer to a reset, which is what closing does when it sent more
// than was read.
void Http1Session::end_connection() {
  const bool unread = !turn_.body_complete || !pending_.empty() || input_held_;
  if (phase_ != Phase::flushing) enter(Phase::flushing);
  if (!outbox_.empty()) return schedule();
  if (turn_.answer == Answer::aborted && turn_.framing == http1::Framing::until_close) return close(true);
  if (!unread || peer_ended_) return close();
  transport_.finish_writing();
  context_.buffers.give(std::exchange(pending_, PaddedBuffer{}));
  enter(Phase::lingering);
  context_.loop.arm(resume_alarm_, context_.loop.now());
}

void Http1Session::close(bool by_reset) {
  if (std::exchange(phase_, Phase::closed) == Phase::closed) return;
  input_alarm_.disarm();
  output_alarm_.disarm();
  resume_alarm_.disarm();
  exchange_.reset();
  outbox_.drop();
  leave();
  by_reset ? transport_.close_by_reset() : transport_.close();
  context_.owner.on_closed(*this);
}

void Http1Session::leave() noexcept {
  set_memory(0);
  context_.sessions.remove(*this);
  GiveWayList::remove(*this);
  context_.loop.unwatch(transport_.fd());
}

void Http1Session::drain() {
  // A request that has come already is answered: closing on it would reset the connection.
  if (phase_ == Phase::waiting) take_up_pending();
  if (phase_ == Phase::waiting) read_input(false);
  if (phase_ != Phase::waiting) return;
  if (outbox_.empty()) return close();
  enter(Phase::flushing);
  schedule();
}

void Http1Session::abort_now() {
  if (phase_ == Phase::closed) return;
  const bool silent = exchange_ && turn_.answer == Answer::none;
  exchange_.reset();
  if (silent) answer_error({503, "unavailable", "the server is shutting down"});
  static_cast<void>(outbox_.flush(transport_));
  close(turn_.framing == http1::Framing::until_close && turn_.answer == Answer::under_way);
}

// --- time

void Http1Session::enter(Phase phase) {
  phase_ = phase;
  switch (phase) {
    case Phase::waiting:
      return await_input(keep_alive());
    case Phase::head:
      return await_input(limits_->head);
    case Phase::flushing:
      parser_.stop();
      return input_alarm_.disarm();
    case Phase::lingering:
      return await_input(kLinger);
    default:
      input_alarm_.disarm();
  }
}

std::chrono::milliseconds Http1Session::keep_alive() const noexcept {
  return refused_ ? std::min(limits_->keep_alive, kStrangersKeepAlive) : limits_->keep_alive;
}

void Http1Session::await_input(std::chrono::milliseconds limit) {
  context_.loop.arm(input_alarm_, context_.loop.now() + limit);
}

// At the end of the time for all of it, or once less has come than the least rate requires.
TimePoint Http1Session::body_due() const noexcept {
  // Of one that is passed on while it comes, only its pauses are bounded.
  const bool is_relayed = exchange_ != nullptr && exchange_->relays_body();
  const TimePoint end = (is_relayed ? std::max(turn_.body_at, turn_.body_since) : turn_.body_since) + limits_->body;
  if (limits_->min_body_rate == 0) return end;
  const auto earned =
      std::chrono::milliseconds(static_cast<std::int64_t>(turn_.body_bytes * 1000 / limits_->min_body_rate));
  return std::min(end, turn_.body_since + kBodyGrace + earned);
}

void Http1Session::on_input_late() {
  if (phase_ == Phase::waiting && !outbox_.empty()) return await_input(keep_alive());  // it still reads
  if (const TimePoint due = body_due(); phase_ == Phase::body && context_.loop.now() < due)
    return context_.loop.arm(input_alarm_, due);
  const bool may_answer = phase_ == Phase::head || (phase_ == Phase::body && turn_.answer == Answer::none);
  if (!may_answer) return close();
  if (phase_ == Phase::head) turn_ = {};
  refuse({408, "request_timeout", "the request took too long to come"});
}

SessionLimits limits_of(const Config& config) {
  SessionLimits limits;
  limits.request.max_head = static_cast<std::size_t>(config.server.max_head);
  limits.request.max_body = static_cast<std::uint64_t>(config.server.max_body);
  limits.request.max_form = static_cast<std::uint64_t>(config.server.max_upload);
  limits.head = config.server.head_timeout;
  limits.body = config.server.body_timeout;
  limits.keep_alive = config.server.keep_alive;
  limits.stall = config.timeouts.idle;
  limits.min_body_rate = static_cast<std::uint64_t>(config.server.min_body_rate);
  limits.memory = config.server.max_connection_memory;
  limits.cors_origins = config.server.cors_origins;
  return limits;
}

}  // namespace gateway::app
