// Counts every operator new of the process: what runs per request and per chunk must not allocate once it is warm.
#include <string>

#include "support/catch.h"
#include "support/count_allocations.h"
#include "wire/openai/answer_reader.h"
#include "wire/openai/bodies.h"
#include "wire/openai/request_reader.h"
#include "wire/openai/splice.h"
#include "wire/sse/scanner.h"

namespace gateway {
namespace {

template <class Work>
long allocations_of(Work&& work) {
  work();  // warms up
  const long before = allocations;
  work();
  return allocations - before;
}

TEST_CASE("reading and splicing a request allocates nothing once warm", "[wire][allocation]") {
  RequestReader reader;
  RequestFacts facts;
  BadRequest why;
  Splice splice;
  const PaddedBuffer body = test::padded(
      R"({"\u006dodel":"openai/gpt-4o-mini-2024-07-18","stream":true,"stream_options":{"include_usage":false},)"
      R"("messages":[{"role":"user","content":[{"type":"text","text":"a\nb\u00e9"},{"type":"image_url","image_url":{"url":"u"}}]}]})");
  bool good = true;
  std::size_t pieces = 0;
  CHECK(allocations_of([&] {
          good &= reader.read(Operation::chat, body, facts, why);
          splice.clear();
          splice.replace(facts.model_value, "\"m\"");
          pieces = splice.pieces(body.view()).size();
        }) == 0);
  CHECK(good);
  CHECK(pieces == 3);
}

TEST_CASE("relaying events allocates nothing, cut or complete", "[wire][allocation]") {
  SseScanner scanner;
  SseEvent event;
  const std::string piece =
      "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n: comment\n\ndata: a\ndata: "
      "b\n\n";
  int events = 0;
  std::int64_t content = 0;
  CHECK(allocations_of([&] {
          for (const std::size_t cut : {piece.size(), std::size_t{40}, std::size_t{7}}) {
            for (std::size_t at = 0; at < piece.size(); at += cut) {
              scanner.push(std::string_view(piece).substr(at, cut));
              while (scanner.next(event)) {
                ++events;
                content += scan_chunk(event.data).weight.bytes();
              }
            }
          }
        }) == 0);
  CHECK(events == 2 * 3 * 3);
  CHECK(content == 2 * 3);
}

TEST_CASE("reading an answer allocates nothing once warm", "[wire][allocation]") {
  AnswerReader reader;
  AnswerFacts facts;
  const std::string answer =
      R"({"id":"chatcmpl-7QyqpwdfhqwajicIEznoc6Q47XAyW","model":"gpt-4o-mini-2024-07-18","choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"cost":0.00001}})";
  CHECK(allocations_of([&] { reader.read(answer, facts); }) == 0);
  CHECK(facts.has_usage);
}

}  // namespace
}  // namespace gateway
