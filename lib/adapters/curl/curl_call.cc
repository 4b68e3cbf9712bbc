#include "adapters/curl/curl_call.h"

#include <utility>

#include "adapters/curl/request_head.h"

namespace gateway::curl {

CurlCall::~CurlCall() {
  if (state_ == State::queued) shared_.outgoing.remove(*this);
  retire(shared_.loop, std::move(connection_));
}

void CurlCall::start(const UpstreamRequest& request) {
  to_head_ = request.method == "HEAD";
  connect_timeout_ = request.connect_timeout;
  if (request.body_goes_on) rest_ = request.rest_length ? Connection::Rest::sized : Connection::Rest::chunked;
  Outgoing& outgoing = shared_.outgoing.add(*this);
  state_ = State::queued;
  outgoing.body.assign(request.body.begin(), request.body.end());
  if (auto written = write_head(request, outgoing.head); !written) {
    shared_.outgoing.remove(*this);
    fail_later(written.error());
  }
}

void CurlCall::send(const Outgoing& outgoing) {
  state_ = State::connecting;
  while (auto connection = pool_.take()) {
    if (send_on(std::move(connection), outgoing)) return;
  }
  waiting_ = std::make_unique<Waiting>(Waiting{outgoing, nullptr});
  waiting_->connecting = shared_.connector.connect(pool_.origin(), connect_timeout_, *this);
}

bool CurlCall::send_on(std::unique_ptr<Connection> connection, const Outgoing& outgoing) {
  if (!connection->begin(*this, outgoing.head, outgoing.body, to_head_, rest_)) {
    retire(shared_.loop, std::move(connection));
    return false;
  }
  connection_ = std::move(connection);
  state_ = State::sent;
  return true;
}

void CurlCall::on_connected(Result<Wire> wire) {
  const std::unique_ptr<Waiting> waiting = std::move(waiting_);
  const Origin& origin = pool_.origin();
  const auto fail_there = [&](ErrorCode code, const std::string& why) {
    fail({code, origin.host + ":" + std::to_string(origin.port) + ": " + why});
  };
  if (!wire) return fail_there(wire.error().code, wire.error().detail);
  auto connection = std::make_unique<Connection>(shared_.loop, std::move(*wire), pool_,
                                                 std::span(shared_.read_room.get(), Shared::kRoom), shared_.limits);
  if (!send_on(std::move(connection), waiting->outgoing)) {
    fail_there(ErrorCode::unreachable, "the connection closed before the request was sent");
  }
}

void CurlCall::resume() {
  if (connection_) connection_->resume();
}

std::size_t CurlCall::send_body(std::string_view bytes) { return connection_ ? connection_->send_body(bytes) : 0; }

void CurlCall::end_body() {
  if (connection_) connection_->end_body();
}

Flow CurlCall::on_head(int status, HeaderSpan fields) {
  const std::string_view coded = header_value(fields, "content-encoding");
  const Coding coding = coded.empty() || to_head_ ? Coding::none : coding_of(coded);
  if (coding != Coding::none) return on_compressed_head(status, fields, coding);
  reply_->on_head({status, fields});
  return Flow::more;
}

Flow CurlCall::on_compressed_head(int status, HeaderSpan fields, Coding coding) {
  if (coding == Coding::unknown) {
    fail({ErrorCode::protocol, "an answer in a content-encoding that was not asked for"});
    return Flow::pause;
  }
  inflater_ = std::make_shared<Inflater>(coding, shared_.max_decoded);
  std::vector<HeaderField> decoded;
  for (const HeaderField& field : fields) {
    if (equal_ignoring_case(field.name, "content-encoding") || equal_ignoring_case(field.name, "content-length"))
      continue;
    decoded.push_back(field);
  }
  reply_->on_head({status, decoded});
  return Flow::more;
}

Flow CurlCall::on_body(std::string_view bytes) { return inflater_ ? decode(bytes) : reply_->on_body(bytes); }

Flow CurlCall::on_resumed() { return inflater_ ? decode({}) : Flow::more; }

Flow CurlCall::decode(std::string_view bytes) {
  if (!shared_.decode_room) shared_.decode_room = std::make_unique<char[]>(Shared::kRoom);
  const std::shared_ptr<Inflater> inflater = inflater_;
  const auto pass_on = [&](std::string_view decoded) {
    const Flow flow = reply_->on_body(decoded);
    const bool destroyed = inflater.use_count() == 1;
    return destroyed ? Flow::pause : flow;
  };
  switch (inflater->run(bytes, {shared_.decode_room.get(), Shared::kRoom}, pass_on)) {
    case Inflater::State::more:
      return Flow::more;
    case Inflater::State::paused:
      return Flow::pause;
    case Inflater::State::damaged:
      fail({ErrorCode::protocol, "the compressed answer is damaged"});
      return Flow::pause;
    case Inflater::State::too_large:
      fail({ErrorCode::too_large, "the compressed answer is too large"});
      return Flow::pause;
  }
  return Flow::pause;
}

void CurlCall::on_done(Result<void> result) {
  if (result && inflater_ && !inflater_->whole())
    result = Error{ErrorCode::protocol, "the compressed answer broke off"};
  if (connection_->reusable()) {
    pool_.give(std::move(connection_));
  } else {
    retire(shared_.loop, std::move(connection_));
  }
  reply_->on_end(std::move(result));
}

void CurlCall::fail(Error error) {
  retire(shared_.loop, std::move(connection_));
  reply_->on_end(std::move(error));
}

void CurlCall::fail_later(Error error) {
  late_ = std::make_unique<Error>(std::move(error));
  shared_.loop.arm(failing_, shared_.loop.now());
}

void CurlCall::on_late_failure() { fail(std::move(*std::exchange(late_, nullptr))); }

}  // namespace gateway::curl
