#include "wire/openai/document_scan.h"

#include <random>
#include <string>

#include "support/catch.h"
#include "wire/openai/answer_reader.h"

using namespace gateway;

namespace {

DocumentScan scanned(std::string_view text, std::size_t piece) {
  DocumentScan scan;
  for (std::size_t at = 0; at < text.size(); at += piece) scan.push(text.substr(at, piece));
  return scan;
}

std::string chat_of(std::size_t size, std::string_view usage) {
  return R"({"id":"gen-1", "model":"m", "choices":[{"index":0,"message":{"role":"assistant","content":")" +
         std::string(size, 'x') + R"(\"\\"},"finish_reason":"stop"}],"usage":)" + std::string(usage) + "}";
}

}  // namespace

TEST_CASE("the outline of a large answer says what metering asks", "[wire][document]") {
  const std::string text = chat_of(300'000, R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":15})");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, text.size()}) {
    const DocumentScan scan = scanned(text, piece);
    CHECK(scan.is_answer());
    CHECK(scan.complete());
    CHECK(scan.outline().size() < 500);
    CHECK(scan.text_bytes() == 300'000 + 4 + 9 + 4);  // the text with its escapes, "assistant" and "stop"
    AnswerReader reader;
    AnswerFacts facts;
    reader.read(scan.outline(), facts);
    REQUIRE(facts.is_object);
    CHECK(facts.id == "gen-1");
    CHECK(facts.finish_reason == "stop");
    CHECK(facts.usage.input == 10);
    CHECK(facts.usage.output == 5);
  }
}

TEST_CASE("vectors are left out, their usage is not", "[wire][document]") {
  std::string text = R"({"object":"list","data":[)";
  for (int i = 0; i < 300; ++i) {
    text += i > 0 ? "," : "";
    text += R"({"object":"embedding","index":)" + std::to_string(i) + R"(,"embedding":[)";
    for (int j = 0; j < 200; ++j) text += (j > 0 ? "," : "") + std::string("-0.0123456");
    text += "]}";
  }
  text += R"( ], "model":"e", "usage":{"prompt_tokens":77,"total_tokens":77}})";
  const DocumentScan scan = scanned(text, 1000);
  CHECK(scan.is_answer());
  CHECK(scan.complete());
  AnswerReader reader;
  AnswerFacts facts;
  reader.read(scan.outline(), facts);
  REQUIRE(facts.is_object);
  CHECK(facts.usage.input == 77);
  CHECK(facts.model == "e");
}

TEST_CASE("errors, other text and what is cut are no answer, or have no end", "[wire][document]") {
  CHECK_FALSE(scanned(R"({"error":{"message":")" + std::string(200'000, 'x') + "\"}}", 999).is_answer());
  CHECK_FALSE(scanned(R"({"x":{"choices":[")" + std::string(200'000, 'x') + "\"]}}", 999).is_answer());
  CHECK_FALSE(scanned(std::string(200'000, 'x'), 999).is_answer());
  CHECK_FALSE(scanned("<html>" + std::string(200'000, '"'), 999).is_answer());
  const std::string whole = chat_of(100'000, "{}");
  for (const std::size_t size : {whole.size() - 1, whole.size() - 3, std::size_t{90'000}}) {
    const DocumentScan cut = scanned(std::string_view(whole).substr(0, size), 999);
    CHECK(cut.is_answer());
    CHECK_FALSE(cut.complete());
  }
}

TEST_CASE("a small document is its own outline, but for white space", "[wire][document]") {
  for (
      const char* text :
      {R"({"a":1,"b":[1,2,3],"c":{"d":[],"e":null,"f":[{"g":"h"},{"i":[[],[0]]}]},"j":"\u00e4\"","k":-1.5e3,"l":true})",
       "{}", R"({"choices":[]})", R"([1,"a",{"b":[]}])"}) {
    INFO(text);
    CHECK(scanned(text, 1).outline() == text);
    CHECK(scanned(text, 1).complete());
  }
  CHECK(scanned("{ \"a\" : [ 1 , 2 ] }", 1).outline() == R"({"a":[1,2]})");
}

TEST_CASE("whatever comes, memory is bounded", "[wire][document]") {
  std::minstd_rand random(7);
  constexpr std::string_view kBytes = "{}[],:\"\\ 1a";
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (int i = 0; i < 4000; ++i) text += kBytes[random() % kBytes.size()];
    DocumentScan scan;
    scan.push(text);
    CHECK(scan.outline().size() <= text.size() + 1000);
  }
  DocumentScan deep;
  deep.push(std::string(100'000, '['));
  deep.push(std::string(100'000, ']'));
  DocumentScan wide;
  for (int i = 0; i < 20'000; ++i)
    wide.push(i == 0 ? "{\"choices\":[" : "{\"a\":{\"b\":{\"c\":\"dddddddddddddddd\"}}},");
  CHECK(wide.outline().size() <= 256 * 1024);
}
