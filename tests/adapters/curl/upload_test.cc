// Bodies that go on after their request has begun.
#include <algorithm>
#include <memory>
#include <string>

#include "adapters/curl/upstream_fixture.h"
#include "support/certificates.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

// Sends a body as there is room.
struct Uploader final : UpstreamReply {
  std::unique_ptr<Call> call;
  std::string rest;
  std::size_t piece = SIZE_MAX;
  std::size_t gone = 0;
  std::size_t missing = 0;  // bytes that are announced and never come
  int rooms = 0;
  bool ended = false;
  int status = 0;
  std::string answer;
  std::optional<Result<void>> end;
  std::function<void()> at_room;

  void on_head(const UpstreamHead& head) override { status = head.status; }
  Flow on_body(std::string_view bytes) override { return answer += bytes, Flow::more; }
  void on_end(Result<void> result) override { end = std::move(result); }
  void on_room() override {
    ++rooms;
    if (at_room) return at_room();
    while (gone < rest.size()) {
      const std::string given = rest.substr(gone, piece);  // which is gone after the call
      const std::size_t taken = call->send_body(given);
      gone += taken;
      if (taken < given.size()) return;
    }
    if (missing == 0 && !std::exchange(ended, true)) call->end_body();
  }
};

std::string text_of(std::size_t size) {
  std::string out(size, ' ');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>('a' + (i * 2654435761u >> 7) % 26);
  return out;
}

// A body in chunks, as text; empty: it is none.
std::string unchunked(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t line = text.find("\r\n");
    if (line == text.npos) return "";
    const std::size_t size = std::strtoull(std::string(text.substr(0, line)).c_str(), nullptr, 16);
    text.remove_prefix(line + 2);
    if (size == 0) return text == "\r\n" ? out : "";
    if (text.size() < size + 2 || text.substr(size, 2) != "\r\n") return "";
    out += text.substr(0, size);
    text.remove_prefix(size + 2);
  }
}

struct UploadFixture : UpstreamFixture {
  // With `length`, or in chunks.
  void begin(const Origin& at, Uploader& uploader, std::string_view first, bool with_length) {
    kept = first;
    pieces_ = {std::string_view(kept)};
    uploader.call = upstream->start(
        {.origin = &at,
         .method = "POST",
         .path = "/",
         .headers = {},
         .body = pieces_,
         .body_goes_on = true,
         .rest_length =
             with_length ? std::optional<std::uint64_t>(uploader.rest.size() + uploader.missing) : std::nullopt},
        uploader);
  }
  std::string kept;
  std::vector<std::string_view> pieces_;
};

// Reads a request whose body ends as its head says, slowly if that is wanted.
std::string read_whole(Peer& peer, std::size_t body_size, bool slowly = false) {
  std::string all;
  while (all.find("\r\n\r\n") == all.npos && peer.read_into(all)) continue;
  const std::size_t body = all.find("\r\n\r\n") + 4;
  const bool chunked = all.find("transfer-encoding: chunked\r\n") < body;
  const auto is_complete = [&] { return chunked ? all.ends_with("0\r\n\r\n") : all.size() >= body + body_size; };
  while (!is_complete() && peer.read_into(all)) {
    if (slowly) std::this_thread::sleep_for(1ms);
  }
  return all;
}

}  // namespace

TEST_CASE_METHOD(UploadFixture, "a body goes on as there is room, with its length or in chunks",
                 "[adapters][curl][upload]") {
  const bool with_length = GENERATE(true, false);
  const std::size_t piece = GENERATE(std::size_t{1'000}, std::size_t{70'000}, SIZE_MAX);
  const std::string first = text_of(1'000), rest = text_of(3'000'000);
  std::vector<std::string> got;
  std::mutex mutex;
  RawServer server([&](Peer& peer) {
    for (int i = 0; i < 2; ++i) {
      const std::string all = read_whole(peer, first.size() + rest.size(), true);
      {
        const std::lock_guard lock(mutex);
        got.push_back(all);
      }
      peer.send(answer("done"));
    }
  });
  const Origin at = origin(server.port());
  for (int i = 0; i < 2; ++i) {
    Uploader uploader;
    uploader.rest = rest;
    uploader.piece = piece;
    begin(at, uploader, first, with_length);
    CHECK(uploader.rooms == 0);
    until([&] { return uploader.end.has_value(); });
    CHECK(uploader.end->has_value());
    CHECK(uploader.ended);
    CHECK(uploader.answer == "done");
    const std::lock_guard lock(mutex);
    const std::string& all = got.back();
    const std::size_t body = all.find("\r\n\r\n") + 4;
    const bool says_length = all.find("content-length: " + std::to_string(first.size() + rest.size()) + "\r\n") < body;
    CHECK(says_length == with_length);
    const std::string came = with_length ? all.substr(body) : unchunked(std::string_view(all).substr(body));
    CHECK((came == first + rest));
  }
  CHECK(server.connections() == 1);
}

TEST_CASE_METHOD(UploadFixture, "a body in chunks may have no first piece, and end at once",
                 "[adapters][curl][upload]") {
  for (const std::string& rest : {std::string(), std::string("abc")}) {
    std::string got;
    RawServer server([&](Peer& peer) {
      got = read_whole(peer, 0);
      peer.send(answer("done"));
    });
    const Origin at = origin(server.port());
    Uploader uploader;
    uploader.rest = rest;
    begin(at, uploader, "", false);
    until([&] { return uploader.end.has_value(); });
    CHECK(uploader.answer == "done");
    CHECK(got.substr(got.find("\r\n\r\n") + 4) == (rest.empty() ? "0\r\n\r\n" : "3\r\nabc\r\n0\r\n\r\n"));
  }
}

TEST_CASE_METHOD(UploadFixture, "a server that reads nothing leaves no room, and a call that is destroyed ends it",
                 "[adapters][curl][upload]") {
  std::atomic<bool> is_closed{false};
  RawServer server([&](Peer& peer) {
    std::string head;
    peer.read_into(head);
    while (!peer.stopped() && !is_closed) std::this_thread::sleep_for(1ms);
    is_closed = peer.closed();
  });
  const Origin at = origin(server.port());
  Uploader uploader;
  uploader.rest = text_of(50'000'000);
  begin(at, uploader, "first", true);
  until([&] { return uploader.rooms > 0; });
  const auto deadline = std::chrono::steady_clock::now() + 200ms;
  while (std::chrono::steady_clock::now() < deadline) loop.run_once(5ms);
  CHECK(uploader.gone < uploader.rest.size());
  CHECK_FALSE(uploader.ended);
  uploader.call.reset();
  loop.run_once(0ms);
  is_closed = true;
}

TEST_CASE_METHOD(UploadFixture, "an answer before the body's end is heard, and its connection serves no more",
                 "[adapters][curl][upload]") {
  const bool closes = GENERATE(true, false);
  RawServer server([&](Peer& peer) {
    std::string head;
    peer.read_into(head);
    peer.send("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno");
    if (closes) return peer.close();
    peer.closed();
  });
  const Origin at = origin(server.port());
  for (std::size_t i = 1; i <= 2; ++i) {
    Uploader uploader;
    CAPTURE(closes, i);
    uploader.rest = text_of(50'000'000);
    uploader.missing = 1;  // however fast the server takes what comes
    begin(at, uploader, "first", i == 1);
    until([&] { return uploader.end.has_value(); });
    CHECK(server.connections() == i);
    // Who closes with bytes unread resets the connection, which may overtake the answer.
    if (closes && !uploader.end->has_value() && uploader.end->error().code == ErrorCode::lost) continue;
    CHECK(uploader.status == 413);
    CHECK(uploader.answer == "no");
    CHECK(uploader.end->has_value());
  }
}

TEST_CASE_METHOD(UploadFixture, "a server that breaks the connection within a body is lost",
                 "[adapters][curl][upload]") {
  RawServer server([&](Peer& peer) {
    std::string head;
    for (int i = 0; i < 5; ++i) peer.read_into(head);
    peer.reset();
  });
  const Origin at = origin(server.port());
  Uploader uploader;
  uploader.rest = text_of(50'000'000);
  begin(at, uploader, "first", true);
  until([&] { return uploader.end.has_value(); });
  REQUIRE_FALSE(uploader.end->has_value());
  CHECK(uploader.end->error().code == ErrorCode::lost);
}

TEST_CASE_METHOD(UploadFixture, "a call may be destroyed when it hears of room", "[adapters][curl][upload]") {
  RawServer server([&](Peer& peer) { peer.closed(); });
  const Origin at = origin(server.port());
  Uploader uploader;
  uploader.rest = "rest";
  uploader.at_room = [&] { uploader.call.reset(); };
  begin(at, uploader, "first", true);
  until([&] { return uploader.rooms == 1; });
  loop.run_once(1ms);
  CHECK_FALSE(uploader.end);
}

TEST_CASE_METHOD(UploadFixture, "a body goes on over TLS", "[adapters][curl][upload][tls]") {
  const bool with_length = GENERATE(true, false);
  const Certificates certificates;
  const auto context = net::TlsContext::load(certificates.certificate_file(), certificates.key_file()).value();
  const std::string first = text_of(1'000), rest = text_of(3'000'000);
  std::string got;
  RawServer server(
      [&](Peer& peer) {
        got = read_whole(peer, first.size() + rest.size());
        peer.send(answer("done"));
      },
      context);
  Origin at = origin(server.port(), "https");
  at.ca_file = certificates.ca_file();
  Uploader uploader;
  uploader.rest = rest;
  uploader.piece = 70'000;
  begin(at, uploader, first, with_length);
  until([&] { return uploader.end.has_value(); });
  CHECK(uploader.answer == "done");
  const std::size_t body = got.find("\r\n\r\n") + 4;
  const std::string came = with_length ? got.substr(body) : unchunked(std::string_view(got).substr(body));
  CHECK((came == first + rest));
}
