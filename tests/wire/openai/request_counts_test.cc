#include "wire/openai/request_reader.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "wire/openai/request_reading.h"

namespace gateway {
namespace {

using test::chat_with;
using test::read_request;
using test::RequestReading;

TEST_CASE("a conversation with calls that Google signed is mixed, wherever the signature is",
          "[wire][request_reader]") {
  const auto is_mixed = [](const std::string& members, Operation operation = Operation::chat) {
    const RequestReading out = read_request(chat_with(members), operation);
    CHECK(out.good);
    return out.facts.is_mixed;
  };
  CHECK(is_mixed(R"("x":[{"extra_content":{"google":{"thought_signature":"s"}}}])"));
  CHECK(is_mixed(R"("thought_signature":null)"));
  CHECK(is_mixed(R"("x":{"thought\u005fsignature":"s"})"));
  CHECK_FALSE(is_mixed(R"("x":{"thoughtSignature":"s"})"));
  CHECK_FALSE(is_mixed(R"("x":"{\"thought_signature\":1} thought_signature")"));
  CHECK_FALSE(is_mixed(""));
  CHECK_FALSE(is_mixed(R"("x":{"thought_signature":"s"})", Operation::embeddings));
}

TEST_CASE("embeddings take a string, strings, token ids or arrays of them", "[wire][request_reader]") {
  const auto with = [](const std::string& input) {
    return read_request(R"({"model":"m","input":)" + input + "}", Operation::embeddings);
  };
  for (const char* good : {R"("a")", R"(["a","b"])", "[1,2]", "[[1,2],[3]]", "[]", "[[]]", R"("")", "[0]"}) {
    INFO(good);
    CHECK(with(good).good);
  }
  for (const char* bad :
       {"null", "1", "true", "[{},1]", R"(["a",1])", R"([1,"a"])", "[1,[2]]", "[[1],2]", R"([["a"]])", "[[[1]]]",
        "[1.5]", "[-1]", "[1e3]", "[[1],{}]", "[null]", "[true]", "[[1],[null]]", "[18446744073709551616]"}) {
    INFO(bad);
    const RequestReading out = with(bad);
    CHECK_FALSE(out.good);
    CHECK(out.why.param == "input");
  }
  CHECK(read_request(R"({"model":"m"})", Operation::embeddings).why.param == "input");
  CHECK(read_request(R"({"model":"m","input":"a","messages":7})", Operation::embeddings).good);
}

TEST_CASE("objects in an embedding's input count as the media they carry", "[wire][request_reader]") {
  const auto counts = [](const std::string& members) {
    const RequestReading out = read_request(R"({"model":"m",)" + members + "}", Operation::embeddings);
    CHECK(out.good);
    return std::vector{out.facts.images, out.facts.audios, out.facts.files};
  };
  using Counts = std::vector<std::int64_t>;
  CHECK(counts(R"("input":[{"text":"a"},"b"])") == Counts{0, 0, 0});
  CHECK(counts(R"("input":[{"text":"a"},{"image":"data:image/png;base64,AA=="},{"image_url":{"url":"x"}}])") ==
        Counts{2, 0, 0});
  CHECK(counts(R"("input":{"content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"x"}}]})") ==
        Counts{1, 0, 0});
  CHECK(counts(R"("input":[{"content":[{"type":"input_audio","input_audio":{"data":"x"}}]},{"audio":"x"}])") ==
        Counts{0, 2, 0});
  CHECK(counts(R"("input":[{"video":"x"},{"pdf":{"url":"y"}}])") == Counts{0, 0, 2});
  CHECK(counts(R"("messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}])") ==
        Counts{1, 0, 0});
  const auto bound = [](const std::string& data) {
    return read_request(R"({"model":"m","input":[{"image":")" + data + R"("}]})", Operation::embeddings)
        .facts.input_bound;
  };
  CHECK(bound("a") == bound(std::string(5000, 'a')));
}

TEST_CASE("text is counted after unescaping, media are not", "[wire][request_reader]") {
  // The bound of a body without messages' parts, less what every body has.
  const auto bound = [](const std::string& body) {
    const RequestReading out = read_request(body);
    REQUIRE(out.good);
    return out.facts.input_bound;
  };
  const std::int64_t base = bound(chat_with(""));
  CHECK(base == 5 + 1 + 8);
  CHECK(bound(chat_with(R"("x":"abc")")) == base + 4);
  CHECK(bound(chat_with(R"("x":"\u0041\n\"")")) == base + 1 + 3);
  CHECK(bound(chat_with(R"("x":"\u00e9")")) == base + 1 + 2);
  CHECK(bound(chat_with(R"("x":"\u20ac")")) == base + 1 + 3);
  CHECK(bound(chat_with(R"("x":"\ud83d\ude00")")) == base + 1 + 4);
  CHECK(bound(chat_with(R"("x":"\ud83d")")) == base + 1 + 3);
  CHECK(bound(chat_with(R"("x":-12.5e3)")) == base + 1 + 7);
  CHECK(bound(chat_with("\"x\":\"\xf0\x9f\x98\x80\"")) == base + 1 + 4);
  CHECK(bound(R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})") == base + 4 + 4 + 7 + 2 + 16);
  CHECK(bound(chat_with(R"("tools":[])")) > base + 5 + 300);

  const auto parts = [](const std::string& list) {
    const RequestReading out = read_request(R"({"model":"m","messages":[{"content":[)" + list + "]}]}");
    REQUIRE(out.good);
    return out.facts;
  };
  const std::string data(5000, 'A');
  const std::int64_t empty = parts("").input_bound;
  const RequestFacts image =
      parts(R"({"type":"image_url","image_url":{"url":"data:image/png;base64,)" + data + R"("}})");
  CHECK(image.images == 1);
  CHECK(image.input_bound == empty + 4 + 9 + 9 + 3);
  const RequestFacts backwards =
      parts(R"({"image_url":{"url":")" + data + R"(","detail":"low"},"t\u0079pe":"image\u005furl"})");
  CHECK(backwards.images == 1);
  CHECK(backwards.input_bound == empty + 4 + 9 + 9 + 3 + 6 + 3);
  const RequestFacts bare = parts(R"({"type":"image_url","image_url":")" + data + R"("})");
  CHECK(bare.images == 1);
  CHECK(bare.input_bound == empty + 4 + 9 + 9);
  const RequestFacts audio = parts(R"({"type":"input_audio","input_audio":{"data":")" + data + R"(","format":"wav"}})");
  CHECK(audio.audios == 1);
  CHECK(audio.input_bound == empty + 4 + 11 + 11 + 4 + 6 + 3);
  const RequestFacts file = parts(R"({"type":"file","file":{"file_data":")" + data + R"(","filename":"a"}})");
  CHECK(file.files == 1);
  CHECK(file.input_bound == empty + 4 + 4 + 4 + 9 + 8 + 1);
  // Data under another type's key, or in a part of no known type, are text.
  const RequestFacts posing = parts(R"({"type":"text","image_url":{"url":")" + data + R"("}})");
  CHECK(posing.images == 0);
  CHECK(posing.input_bound > empty + 5000);
  const RequestFacts unknown = parts(R"({"type":"video_url","video_url":{"url":")" + data + R"("}})");
  CHECK(unknown.files == 1);
  CHECK(unknown.input_bound > empty + 5000);
  const RequestFacts untyped = parts(R"({"file":{"file_data":")" + data + R"("}})");
  CHECK(untyped.files == 1);
  CHECK(untyped.input_bound > empty + 5000);
  const RequestFacts texts =
      parts(R"({"type":"text","text":"a"},{"type":"refusal","refusal":"b"},{"type":"thinking"})");
  CHECK(texts.images + texts.audios + texts.files == 0);
  // Media outside of messages' parts are text as well.
  CHECK(read_request(chat_with(R"("x":{"type":"image_url","image_url":{"url":")" + data + R"("}})")).facts.images == 0);
}

TEST_CASE("estimates are a quarter of the text, token ids count one each", "[wire][request_reader]") {
  CHECK(read_request(chat_with(R"("x":"123456789")")).facts.input_estimate == (14 + 10 + 3) / 4);
  const RequestReading ids = read_request(R"({"model":"m","input":[[11,22222],[3]]})", Operation::embeddings);
  CHECK(ids.facts.input_bound == 5 + 1 + 5 + 3);
  CHECK(ids.facts.input_estimate == 3 + 3);
  const RequestReading flat = read_request(R"({"model":"m","input":[11,22222]})", Operation::embeddings);
  CHECK(flat.facts.input_bound == 5 + 1 + 5 + 2);
}

}  // namespace
}  // namespace gateway
