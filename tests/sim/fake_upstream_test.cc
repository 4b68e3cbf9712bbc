#include "gateway/testing/fake_upstream.h"

#include <array>

#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

struct Listener final : UpstreamReply {
  void on_head(const UpstreamHead& head) override {
    heard += "head " + std::to_string(head.status) + ' ' + std::string(header_value(head.headers, "x-a")) + ';';
  }
  Flow on_body(std::string_view bytes) override {
    heard += "body " + std::string(bytes) + ';';
    if (destroy_in_body) call.reset();
    return flow;
  }
  void on_end(Result<void> result) override {
    heard += result ? "end;" : std::string("end ") + to_string(result.error().code) + ';';
    call.reset();
  }
  std::string heard;
  Flow flow = Flow::more;
  bool destroy_in_body = false;
  std::unique_ptr<Call> call;
};

struct Sender {
  FakeUpstream upstream;
  Listener reply;
  Origin origin{.id = "https://one",
                .scheme = "https",
                .host = "one",
                .port = 443,
                .authority = "one",
                .proxy = {},
                .ca_file = {}};

  void send(std::string_view first = "he", std::string_view second = "llo") {
    const std::array<HeaderField, 1> headers{{{"Content-Type", "application/json"}}};
    pieces = {first, second};
    reply.call = upstream.start(
        {.origin = &origin, .method = "POST", .path = "/v1/x?y", .headers = headers, .body = pieces}, reply);
  }
  std::array<std::string_view, 2> pieces;
};

}  // namespace

TEST_CASE("a fake upstream copies what was sent", "[testing][fake_upstream]") {
  Sender sender;
  sender.send();
  REQUIRE(sender.upstream.calls() == 1);
  const SentRequest& request = sender.upstream.call(0).request();
  CHECK(request.origin == "https://one");
  CHECK(request.method == "POST");
  CHECK(request.path == "/v1/x?y");
  CHECK(request.headers.value("content-type") == "application/json");
  CHECK(request.body == "hello");
  CHECK(sender.reply.heard.empty());
}

TEST_CASE("a test answers step by step", "[testing][fake_upstream]") {
  Sender sender;
  sender.send();
  FakeCall& call = sender.upstream.last();
  call.head(200, {{"X-A", "1"}});
  CHECK(call.body("one") == Flow::more);
  CHECK(call.alive());
  call.end();
  CHECK(sender.reply.heard == "head 200 1;body one;end;");
  CHECK(call.ended());
  CHECK_FALSE(call.alive());
  CHECK_FALSE(call.cancelled());
  call.body("late");
  CHECK(sender.reply.heard == "head 200 1;body one;end;");
}

TEST_CASE("answers in advance are not heard before run", "[testing][fake_upstream]") {
  Sender sender;
  sender.upstream.answer_next(Answer::failure(ErrorCode::unreachable));
  sender.upstream.answer_all(Answer::json(200, "{}"));
  sender.send();
  CHECK(sender.reply.heard.empty());
  CHECK(sender.upstream.run() == 1);
  CHECK(sender.reply.heard == "end unreachable;");
  sender.send();
  CHECK(sender.upstream.run_one());
  CHECK(sender.reply.heard == "end unreachable;head 200 ;");
  CHECK(sender.upstream.run() == 2);
  CHECK(sender.reply.heard == "end unreachable;head 200 ;body {};end;");
  CHECK(sender.upstream.run() == 0);
}

TEST_CASE("a paused call reports nothing until it is resumed, and then not from inside resume",
          "[testing][fake_upstream]") {
  Sender sender;
  sender.upstream.answer_all(Answer::stream({"a", "b"}));
  sender.reply.flow = Flow::pause;
  sender.send();
  sender.upstream.run();
  CHECK(sender.reply.heard == "head 200 ;body a;");
  CHECK(sender.upstream.last().paused());
  sender.reply.flow = Flow::more;
  sender.reply.call->resume();
  CHECK(sender.upstream.last().resumed() == 1);
  CHECK(sender.reply.heard == "head 200 ;body a;");
  sender.upstream.run();
  CHECK(sender.reply.heard == "head 200 ;body a;body b;end;");
}

TEST_CASE("a destroyed call is cancelled and hears nothing more", "[testing][fake_upstream]") {
  Sender sender;
  sender.upstream.answer_all(Answer::stream({"a", "b"}));
  sender.reply.destroy_in_body = true;
  sender.send();
  sender.upstream.run();
  CHECK(sender.reply.heard == "head 200 ;body a;");
  CHECK(sender.upstream.last().cancelled());
  CHECK(sender.upstream.alive() == 0);
}

TEST_CASE("a body that does not stay as it was is noticed", "[testing][fake_upstream]") {
  for (const bool change : {false, true}) {
    Sender sender;
    std::string text = "hello";
    sender.send(text, "");
    if (change) text[0] = 'j';
    sender.upstream.last().head(200);
    CHECK(sender.upstream.last().body_changed() == change);
  }
}
