#include <string>
#include <vector>

#include "gateway/testing/manual_timer.h"
#include "simulated/script.h"
#include "simulated/upstream.h"
#include "support/catch.h"
#include "support/count_allocations.h"
#include "wire/openai/answer_reader.h"
#include "wire/sse/scanner.h"

using namespace gateway;

namespace {

struct Reply final : UpstreamReply {
  void on_head(const UpstreamHead& head) override { status = head.status; }
  Flow on_body(std::string_view bytes) override {
    body += bytes;
    ++pieces;
    return Flow::more;
  }
  void on_end(Result<void> result) override {
    ended = true;
    whole = result.has_value();
  }
  int status = 0, pieces = 0;
  std::string body;
  bool ended = false, whole = false;
};

Reply ask(const std::string& body, Duration patience = std::chrono::minutes(1),
          std::string_view path = "/v1/chat/completions") {
  testing::ManualTimer timer;
  SimulatedUpstream upstream(timer);
  Reply reply;
  const std::string_view pieces[] = {body};
  auto call = upstream.start({.origin = nullptr, .method = "POST", .path = path, .headers = {}, .body = pieces}, reply);
  CHECK(reply.status == 0);
  timer.advance(patience);
  return reply;
}

std::string chat(const std::string& model, const std::string& more = "") {
  return R"({"model":")" + model + "\"" + more + R"(,"messages":[{"role":"user","content":"grüße aus dem Test"}]})";
}

}  // namespace

TEST_CASE("the simulated provider echoes, counts, and returns the same each time", "[providers][simulated]") {
  const Reply one = ask(chat("simulated/echo")), two = ask(chat("simulated/echo"));
  CHECK(one.status == 200);
  CHECK(one.body == two.body);
  AnswerReader reader;
  AnswerFacts facts;
  reader.read(one.body, facts);
  REQUIRE(facts.is_object);
  CHECK(facts.has_usage);
  CHECK(facts.finish_reason == "stop");
  CHECK(one.body.find("grüße aus dem Test") != std::string::npos);
}

TEST_CASE("its streams have as many chunks as requested, at their pace", "[providers][simulated]") {
  const std::string body = chat("simulated/lorem?chunks=10&size=8&delay=100ms", R"(,"stream":true)");
  CHECK_FALSE(ask(body, std::chrono::milliseconds(500)).ended);
  const Reply reply = ask(body);
  CHECK(reply.whole);
  CHECK(reply.pieces == 11);
  CHECK(reply.body.ends_with("data: [DONE]\n\n"));
}

TEST_CASE("max_tokens cuts its answers", "[providers][simulated]") {
  const Reply reply = ask(chat("simulated/lorem", R"(,"max_tokens":3)"));
  AnswerReader reader;
  AnswerFacts facts;
  reader.read(reply.body, facts);
  CHECK(facts.usage.output == 3);
  CHECK(facts.finish_reason == "length");
}

TEST_CASE("its faults are those of its model's name", "[providers][simulated]") {
  CHECK(ask(chat("simulated/echo?status=503&retry_after=2")).status == 503);
  CHECK(ask(chat("simulated/echo?fault=reset")).status == 0);
  CHECK_FALSE(ask(chat("simulated/echo?fault=hang")).ended);
  CHECK(ask(chat("simulated/echo?fault=html")).body.find("<html>") == 0);
  CHECK(ask(chat("simulated/echo?fault=empty")).body.empty());
  CHECK(ask(chat("simulated/echo?fault=error_in_200")).body.find("\"error\"") != std::string::npos);
  CHECK_FALSE(ask(chat("simulated/lorem?fault=cut", R"(,"stream":true)")).whole);
  CHECK(ask(chat("simulated/lorem?fault=no_finish", R"(,"stream":true)")).body.find("\"stop\"") == std::string::npos);
  CHECK(ask(chat("simulated/lorem?fault=no_usage", R"(,"stream":true,"stream_options":{"include_usage":true})"))
            .body.find("prompt_tokens") == std::string::npos);
  CHECK(ask(chat("simulated/nobody")).status == 404);
  CHECK(ask(chat("simulated/echo?what=1")).status == 400);
}

TEST_CASE("its embeddings are unit vectors of the requested size, as floats or base64", "[providers][simulated]") {
  const Reply floats =
      ask(R"({"model":"simulated/embed","input":["a","b"],"dimensions":8})", std::chrono::seconds(1), "/v1/embeddings");
  CHECK(floats.status == 200);
  CHECK(floats.body.find("\"index\":1") != std::string::npos);
  const Reply base64 = ask(R"({"model":"simulated/embed","input":"a","encoding_format":"base64"})",
                           std::chrono::seconds(1), "/v1/embeddings");
  CHECK(base64.body.find("\"embedding\":\"") != std::string::npos);
}

TEST_CASE("a call that is destroyed reports nothing more", "[providers][simulated]") {
  testing::ManualTimer timer;
  SimulatedUpstream upstream(timer);
  Reply reply;
  const std::string body = chat("simulated/lorem?delay=10ms", R"(,"stream":true)");
  const std::string_view pieces[] = {body};
  auto call = upstream.start(
      {.origin = nullptr, .method = "POST", .path = "/v1/chat/completions", .headers = {}, .body = pieces}, reply);
  timer.advance(std::chrono::milliseconds(25));
  const int before = reply.pieces;
  CHECK(before > 0);
  call.reset();
  timer.advance(std::chrono::seconds(10));
  CHECK(reply.pieces == before);
  CHECK_FALSE(reply.ended);
}

TEST_CASE("pieces of an answer are made when they are due, not when it is asked for", "[providers][simulated]") {
  testing::ManualTimer timer;
  SimulatedUpstream upstream(timer);
  const auto made_at_start = [&](const std::string& options, const std::string& more) {
    const std::string body = chat("simulated/lorem?" + options, more);
    const std::string_view pieces[] = {body};
    Reply reply;
    const long before = allocations;
    const auto call = upstream.start(
        {.origin = nullptr, .method = "POST", .path = "/v1/chat/completions", .headers = {}, .body = pieces}, reply);
    return allocations - before;
  };
  made_at_start("chunks=10", "");  // the first call of a process makes what all of them share
  for (const char* more : {"", R"(,"stream":true)", R"(,"stream":true,"n":2)"}) {
    CAPTURE(more);
    CHECK(made_at_start("chunks=99&size=65536", more) == made_at_start("chunks=10&size=65536", more));
  }
}
