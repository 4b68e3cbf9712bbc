#include "wire/openai/weigh.h"

#include <random>
#include <string>
#include <vector>

#include "support/catch.h"
#include "wire/openai/answer_reader.h"

namespace gateway {
namespace {

std::string choice(const char* holder, const std::string& members, int index = 0) {
  return std::string(R"({"index":)") + std::to_string(index) + ",\"" + holder + "\":{" + members +
         R"(},"logprobs":null,"finish_reason":null})";
}
std::string answer(const std::string& choices) { return R"({"id":"x","choices":[)" + choices + R"(],"usage":null})"; }

Weight of_delta(const std::string& members) { return scan_chunk(answer(choice("delta", members))).weight; }
Weight of_document(const std::string& members) {
  AnswerFacts facts;
  AnswerReader().read(std::string_view(answer(choice("message", members))), facts);
  return facts.weight;
}
std::int64_t bytes_of(const std::string& members) { return of_delta(members).bytes(); }

TEST_CASE("everything that is output is weighed, and nothing else", "[wire][weigh]") {
  const struct {
    const char* members;
    std::int64_t bytes;
  } cases[] = {
      {R"("role":"assistant","content":"")", 0},
      {R"("role":"assistant","content":null,"refusal":null)", 0},
      {R"("content":"H\u00e9llo \ud83d\ude00")", 11},
      {R"("content":"a\"b\\")", 4},
      {R"("content":[{"type":"text","text":"abc"},"de"])", 5},
      {R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"abcd"}],"closed":true}])", 4},
      {R"("content":"","reasoning":"12345")", 5},
      {R"("reasoning_content":"123456")", 6},
      {R"("reasoning_details":[{"type":"reasoning.text","text":"123","format":"unknown","signature":"zzzz"}])", 3},
      {R"("reasoning_details":[{"type":"reasoning.summary","summary":"12"},{"type":"reasoning.encrypted","data":"12"}])",
       4},
      {R"("thinking":"1234567")", 7},
      {R"("thinking_blocks":[{"type":"thinking","thinking":"12","signature":"s"}])", 2},
      {R"("reasoning_text":"12345678")", 8},
      {R"("refusal":"I cannot")", 8},
      {R"("tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"get","arguments":"{\"a\":1}"}}])",
       10},
      {R"("tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":{"a":[1,"}"]}}}])", 14},
      {R"("tool_calls":[{"id":"c","type":"custom","custom":{"name":"f","input":"abc"}}])", 4},
      {R"("function_call":{"name":"ab","arguments":"cd"})", 4},
      {R"("annotations":[{"type":"url_citation","url_citation":{"url":"http://x","content":"page","text":"page"}}])",
       0},
      {R"("content":"ab","provider_specific_fields":{"content":"ab","reasoning_content":"ab"})", 2},
      {R"("reasoning":"same","reasoning_details":[{"type":"reasoning.text","text":"same"}],"content":"x")", 5},
      {R"("audio":{"id":"audio_1","transcript":"abc"})", 3},
  };
  for (const auto& each : cases) {
    INFO(each.members);
    CHECK(bytes_of(each.members) == each.bytes);
    CHECK(of_delta(each.members).pieces == (each.bytes > 0 ? 1 : 0));
    CHECK(scan_chunk(answer(choice("message", each.members))).weight == of_delta(each.members));
    CHECK(of_document(each.members) == of_delta(each.members));
  }
}

TEST_CASE("media weigh by their size, far less than text", "[wire][weigh]") {
  const std::string data(6400, 'A');
  CHECK(bytes_of(R"("audio":{"id":"a","data":")" + data + "\"}") == 200);
  CHECK(bytes_of(R"("images":[{"type":"image_url","image_url":{"url":")" + data + "\"}}]") == 200);
  CHECK(bytes_of(R"("content":[{"type":"image","b64_json":")" + data + "\"}]") == 200);
  CHECK(of_delta(R"("audio":{"id":"a","data":"AA=="})").pieces == 1);
}

TEST_CASE("all choices are weighed, each a token at least; logprobs are not", "[wire][weigh]") {
  const Weight two =
      scan_chunk(answer(choice("delta", R"("content":"a")") + "," + choice("delta", R"("reasoning":"b")", 1))).weight;
  CHECK(two.bytes() == 2);
  CHECK(two.pieces == 2);
  CHECK(scan_chunk(R"({"choices":[{"delta":{"content":"ab"},"logprobs":{"content":[{"token":"ab","logprob":-1,)"
                   R"("bytes":[97,98],"top_logprobs":[{"token":"ab"}]}]}}]})")
            .weight.bytes() == 2);
}

TEST_CASE("a message so far beside what is added is not weighed again", "[wire][weigh]") {
  CHECK(scan_chunk(R"({"choices":[{"message":{"role":"assistant","content":"all so far"},"delta":{"content":"far"}}]})")
            .weight.bytes() == 3);
  CHECK(scan_chunk(R"({"choices":[{"message":{"content":"all so far"},"delta":{}}]})").weight.bytes() == 0);
}

TEST_CASE("what is no JSON is weighed without harm", "[wire][weigh]") {
  const std::string whole =
      answer(choice("delta", R"("content":[{"text":"a\u00e9"}],"tool_calls":[{"function":{"arguments":{"a":"b"}}}])"));
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const std::string piece = whole.substr(0, cut);
    CHECK(scan_chunk(piece).weight.bytes() <= static_cast<std::int64_t>(cut));
  }
  for (const char* broken :
       {R"({"delta":{)", R"({"delta":{"content")", R"({"delta":{"content":})", R"({"delta":{]]],}:"x")",
        R"({"delta":{"content":[:{}}],"a":"b"}})", R"({"delta":{"content":"\q"}})"}) {
    CHECK(scan_chunk(broken).weight.bytes() <= 2);
  }
  CHECK(scan_chunk(R"({"delta":{"content":)" + std::string(100'000, '[') + "}}").weight.bytes() == 0);
}

// One field of an answer: its state with some text in it.
struct Field {
  const char *before, *after;
};
constexpr Field kFields[] = {
    {R"("content":")", "\""},
    {R"("content":[{"type":"text","text":")", "\"}]"},
    {R"("reasoning":")", "\""},
    {R"("reasoning_content":")", "\""},
    {R"("reasoning_details":[{"type":"reasoning.text","index":0,"text":")", "\"}]"},
    {R"("thinking":")", "\""},
    {R"("refusal":")", "\""},
    {R"("tool_calls":[{"index":0,"function":{"arguments":")", "\"}}]"},
    {R"("function_call":{"arguments":")", "\"}"},
    {R"("audio":{"data":")", "\"}"},
    {R"("audio":{"transcript":")", "\"}"},
    {R"("images":[{"image_url":{"url":")", "\"}}]"},
};

TEST_CASE("an answer weighs the same in one piece and as a stream of many", "[wire][weigh]") {
  static const std::vector<std::string> kTokens{"a",     "Hello ", "\\u00e9", "\\\"", "\\ud83d\\ude00", "\u4f60\u597d",
                                                "{}[],:"};
  std::mt19937 random(11);
  const auto pick = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); };
  for (int round = 0; round < 300; ++round) {
    Weight streamed;
    std::string choices;
    const std::size_t n = 1 + pick(3);
    for (std::size_t index = 0; index < n; ++index) {
      std::string members;
      std::vector<bool> used(std::size(kFields));
      for (std::size_t k = 1 + pick(4); k-- > 0;) {
        const std::size_t which = pick(std::size(kFields));
        if (used[which]) continue;
        used[which] = true;
        const Field& field = kFields[which];
        std::string text;
        for (std::size_t tokens = pick(20); tokens-- > 0;) {
          const std::string& token = kTokens[pick(kTokens.size())];
          text += token;
          streamed +=
              scan_chunk(answer(choice("delta", field.before + token + field.after, static_cast<int>(index)))).weight;
        }
        members += (members.empty() ? "" : ",") + (field.before + text + field.after);
      }
      choices += (choices.empty() ? "" : ",") + choice("message", members, static_cast<int>(index));
    }
    INFO(answer(choices));
    AnswerReader reader;
    AnswerFacts facts;
    reader.read(answer(choices), facts);
    REQUIRE(facts.is_object);
    CHECK(facts.weight.bytes() == streamed.bytes());
    CHECK(streamed.pieces >= facts.weight.pieces);
  }
}

}  // namespace
}  // namespace gateway
