#include "gateway/testing/fake_client.h"

#include <array>

#include "support/catch.h"

using namespace gateway;
using gateway::testing::FakeClient;

TEST_CASE("a fake client writes down an answer", "[testing][fake_client]") {
  FakeClient client;
  const std::array<HeaderField, 1> headers{{{"X-A", "1"}}};
  CHECK_FALSE(client.has_head());
  client.send_head({.status = 201, .headers = headers, .content_length = 5});
  CHECK(client.send_body("he") == Flow::more);
  CHECK(client.send_body("llo") == Flow::more);
  CHECK_FALSE(client.done());
  client.finish();
  CHECK(client.status() == 201);
  CHECK(client.header("x-a") == "1");
  CHECK(client.content_length() == 5);
  CHECK(client.body() == "hello");
  CHECK(client.pieces() == std::vector<std::string>{"he", "llo"});
  CHECK(client.finished());
  CHECK_FALSE(client.aborted());
}

TEST_CASE("a fake client requests a pause when scripted to", "[testing][fake_client]") {
  FakeClient client;
  client.send_head({});
  client.pause_from(3);
  CHECK(client.send_body("ab") == Flow::more);
  CHECK(client.send_body("c") == Flow::pause);
  FakeClient slow;
  slow.set_flow(Flow::pause);
  slow.send_head({});
  CHECK(slow.send_body("a") == Flow::pause);
  slow.set_flow(Flow::more);
  CHECK(slow.send_body("a") == Flow::more);
}

TEST_CASE("the end of an answer can be acted upon", "[testing][fake_client]") {
  FakeClient client;
  int ends = 0;
  client.when_done([&] {
    ++ends;
    CHECK(client.aborted());
    client.when_done(nullptr);
  });
  client.abort();
  CHECK(ends == 1);
}
