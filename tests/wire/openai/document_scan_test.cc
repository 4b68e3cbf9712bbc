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

AnswerFacts facts_of(const DocumentScan& scan) {
  AnswerReader reader;
  AnswerFacts facts;
  reader.read(scan.outline(), facts);
  REQUIRE(facts.is_object);
  return facts;
}

AnswerFacts facts_of(std::string_view json) {
  AnswerReader reader;
  AnswerFacts facts;
  reader.read(json, facts);
  return facts;
}

}  // namespace

TEST_CASE("the outline of a large answer has what metering reads", "[wire][document]") {
  const std::string text = chat_of(300'000, R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":15})");
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, text.size()}) {
    const DocumentScan scan = scanned(text, piece);
    CHECK(scan.is_answer());
    CHECK(scan.complete());
    CHECK(scan.outline().size() < 500);
    CHECK(scan.weight().text == 300'002);  // the text without its escapes
    const AnswerFacts facts = facts_of(scan);
    CHECK(facts.id == "gen-1");
    CHECK(facts.finish_reason == "stop");
    CHECK(facts.usage.input == 10);
    CHECK(facts.usage.output == 5);
  }
}

TEST_CASE("a document weighs the same in one piece and in many", "[wire][document]") {
  for (const char* message :
       {R"({"role":"assistant","content":"hello"})", R"({"content":"\u4e2d\u6587\n\"\ud83d\ude00"})",
        R"({"reasoning":"because","reasoning_content":"because","content":null})",
        R"({"content":[{"type":"text","text":"abc"},{"type":"image_url","image_url":{"url":"data:xyz"}}]})",
        R"({"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]})",
        R"({"tool_calls":[{"function":{"name":"f","arguments":{"a":[1,"}"],"b":{}}}}],"refusal":"no"})",
        R"({"images":[{"image_url":{"url":"data:image"}}],"audio":{"data":"AAAA","transcript":"said","id":"a"}})",
        R"({"annotations":[{"url":"x"}],"reasoning_details":[{"text":"t","signature":"s"}]})"}) {
    INFO(message);
    const std::string text = R"({"choices":[{"index":0,"logprobs":{"content":[{"token":"hello"}]},"message":)" +
                             std::string(message) + R"(},{"index":1,"message":)" + message + "}]}";
    const Weight in_one = facts_of(text).weight;
    CHECK(in_one.any());
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, text.size()}) {
      CHECK(scanned(text, piece).weight() == in_one);
    }
  }
}

TEST_CASE("what was sent before a document breaks off is not lost", "[wire][document]") {
  const std::string head = R"({"id":"gen-1","usage":{"prompt_tokens":7,"completion_tokens":70},"choices":[{"index":0,)";
  const DocumentScan cut = scanned(head + R"("message":{"content":"half a sen)", 5);
  CHECK_FALSE(cut.complete());
  CHECK(cut.weight().text == 10);
  CHECK(cut.weight().pieces == 1);
  const AnswerFacts facts = facts_of(cut);
  CHECK(facts.id == "gen-1");
  CHECK(facts.usage.output == 70);
  CHECK(facts.has_choices);
  // Of a member that is itself cut nothing is known.
  CHECK_FALSE(facts_of(scanned(R"({"id":"a","usage":{"prompt_tokens":7)", 5)).has_usage);
}

TEST_CASE("what is around the usage does not hide it", "[wire][document]") {
  std::string members;
  for (int i = 0; i < 9000; ++i)
    members += "\"member" + std::to_string(i) + "\":{\"a\":\"" + std::string(40, 'x') + "\"},";
  const std::string usage = R"("usage":{"prompt_tokens":7,"completion_tokens":70})";
  const std::string deep = R"("x":)" + std::string(200, '[') + R"("a","b",{"c":1})" + std::string(200, ']') + ",";
  for (const std::string& text :
       {"{" + members + usage + "}", "{" + deep + usage + "}", "\xef\xbb\xbf {" + usage + "}",
        "{" + usage + std::string("}\0", 2), "{" + usage + "}{\"usage\":{\"prompt_tokens\":1}}"}) {
    const DocumentScan scan = scanned(text, 4096);
    CHECK(scan.complete());
    CHECK(facts_of(scan).usage.output == 70);
  }
}

TEST_CASE("bytes after the document's end are not its own", "[wire][document]") {
  DocumentScan scan;
  CHECK(scan.push(R"({"a":1)") == 6);
  CHECK(scan.push("}  {") == 1);
  CHECK(scan.push("x") == 0);
  CHECK(scan.complete());
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
  CHECK(facts_of(scan).usage.input == 77);
  CHECK(facts_of(scan).model == "e");
}

TEST_CASE("errors, other text and what is truncated are no answer, or have no end", "[wire][document]") {
  CHECK_FALSE(scanned(R"({"error":{"message":")" + std::string(200'000, 'x') + "\"}}", 999).is_answer());
  CHECK_FALSE(scanned(R"({"x":{"choices":[")" + std::string(200'000, 'x') + "\"]}}", 999).is_answer());
  CHECK_FALSE(scanned(R"({"choices":[)" + std::string(200'000, ' ') + R"(],"error":{"code":429}})", 999).has_content());
  CHECK_FALSE(scanned(std::string(200'000, 'x'), 999).is_answer());
  CHECK_FALSE(scanned("<html>" + std::string(200'000, '"'), 999).is_answer());
  const std::string whole = chat_of(100'000, "{}");
  for (const std::size_t size : {whole.size() - 1, whole.size() - 3, std::size_t{90'000}}) {
    const DocumentScan cut = scanned(std::string_view(whole).substr(0, size), 999);
    CHECK(cut.is_answer());
    CHECK_FALSE(cut.complete());
  }
}

TEST_CASE("whatever comes, memory is bounded and the outline is JSON", "[wire][document]") {
  std::minstd_rand random(7);
  constexpr std::string_view kBytes = "{}[],:\"\\ 1a";
  for (int round = 0; round < 200; ++round) {
    std::string text = round % 2 == 0 ? "" : R"({"choices":[{"message":{"content":)";
    for (int i = 0; i < 4000; ++i) text += kBytes[random() % kBytes.size()];
    DocumentScan scan;
    scan.push(text);
    CHECK(scan.outline().size() <= text.size() + 1000);
  }
  DocumentScan deep;
  deep.push(std::string(100'000, '['));
  deep.push(std::string(100'000, ']'));
  DocumentScan wide;
  for (int i = 0; i < 200'000; ++i) wide.push(i == 0 ? "{\"choices\":[" : "{\"finish_reason\":\"dddddddddddddddd\"},");
  CHECK(wide.outline().size() <= 300 * 1024);
}
