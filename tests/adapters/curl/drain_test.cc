// Calls whose answer is known before its body has ended: `[DONE]` has come, and the provider takes its time to close.
#include <atomic>
#include <memory>
#include <string>

#include "adapters/curl/upstream_fixture.h"

using namespace gateway;
using namespace gateway::testing;
using namespace std::chrono_literals;

namespace {

const std::string kBeginning = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ndone\r\n";

// Until the answer has begun, and its call is drained.
void drain_once_begun(UpstreamFixture& at, const Origin& origin, Recorder& reply) {
  std::unique_ptr<Call> call = at.get(origin, reply);
  reply.at_body = [&] {
    at.upstream->drain(std::move(call));
    return Flow::more;
  };
  at.until([&] { return call == nullptr; });
  reply.at_body = nullptr;
}

}  // namespace

TEST_CASE_METHOD(UpstreamFixture, "the connection of a drained call serves again once the body has ended",
                 "[adapters][curl]") {
  const bool at_once = GENERATE(true, false);
  RawServer server([at_once](Peer& peer) {
    while (!peer.read_request().empty()) {
      if (at_once) {
        peer.send(kBeginning + "0\r\n\r\n");
      } else {
        peer.send(kBeginning);
        peer.send("2\r\n: \r\n");
        peer.send("0\r\n\r\n");
      }
    }
  });
  const Origin at = origin(server.port());
  constexpr std::size_t kRequests = 5;
  for (std::size_t i = 0; i < kRequests; ++i) {
    Recorder reply;
    drain_once_begun(*this, at, reply);
    for (int turn = 0; turn < 20; ++turn) loop.run_once(5ms);
    CHECK(reply.body == "done");
    CHECK_FALSE(reply.end);
  }
  CHECK(server.requests().size() == kRequests);
  CHECK(server.connections() < kRequests);
}

TEST_CASE_METHOD(UpstreamFixture, "a drained call whose body does not end is nobody's wait for long",
                 "[adapters][curl]") {
  std::atomic<bool> closed{false};
  RawServer server([&](Peer& peer) {
    peer.read_request();
    peer.send(kBeginning);
    closed = peer.closed();
  });
  const Origin at = origin(server.port());
  Recorder reply;
  drain_once_begun(*this, at, reply);
  SECTION("it is closed by itself") {}
  SECTION("the upstream may end before that") { upstream.reset(); }
  until([&] { return closed.load(); });
  CHECK(reply.body == "done");
  CHECK_FALSE(reply.end);
}
