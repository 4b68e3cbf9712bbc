#include "wire/openai/request_reader.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "wire/openai/request_reading.h"

namespace gateway {
namespace {

using test::chat_with;
using test::padded;
using test::read_request;
using test::RequestReading;
using test::slice_of;

TEST_CASE("texts may hold half of a surrogate pair, a model's name may not", "[wire][request_reader]") {
  CHECK(read_request(R"({"model":"m","messages":[{"role":"user","content":"\ud83d"}]})").good);
  CHECK(read_request(R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"\ude00"}]}]})").good);
  CHECK(read_request(R"({"model":"m","messages":[{"\udc00":1}]})").good);
  CHECK(read_request(R"({"model":"m","input":["a","\udc00"]})", Operation::embeddings).good);
  CHECK(read_request(R"({"model":"m\ud83d","messages":[]})").why.param == "model");
}

TEST_CASE("a model's name has up to 512 bytes", "[wire][request_reader]") {
  const std::string name(512, 'm');
  const RequestReading out = read_request(R"({"messages":[],"model":")" + name + R"("})");
  CHECK(out.good);
  CHECK(out.facts.model == name);
}

TEST_CASE("include_usage may be null, and is found to be replaced", "[wire][request_reader]") {
  const std::string body = chat_with(R"("stream_options":{"include_usage":null})");
  const RequestReading out = read_request(body);
  CHECK(out.good);
  CHECK_FALSE(out.facts.include_usage);
  CHECK(slice_of(body, out.facts.include_usage_value) == "null");
}

TEST_CASE("a model that the path names replaces or completes the body's", "[wire][request_reader]") {
  RequestReader reader;
  RequestFacts facts;
  BadRequest why;
  const auto by_path = [&](std::string_view body, std::string_view model) {
    return reader.read(Operation::chat, padded(body), facts, why, model);
  };
  CHECK(by_path(R"({"messages":[]})", "gpt"));
  CHECK((facts.model == "gpt" && facts.model_by_path && facts.model_value.empty()));
  const std::string_view named = R"({"messages":[],"model":"other"})";
  CHECK(by_path(named, "gpt"));
  CHECK((facts.model == "gpt" && slice_of(named, facts.model_value) == "\"other\""));
  CHECK_FALSE(by_path(R"({"messages":[]})", "g\xffpt"));
  CHECK_FALSE(by_path(R"({"messages":[]})", std::string(513, 'm')));
  CHECK_FALSE(by_path(R"({"messages":[]})", "a\nb"));
  CHECK(why.param == "model");
}

TEST_CASE("absent fields leave empty places, empty stream options are distinguished", "[wire][request_reader]") {
  const RequestFacts plain = read_request(chat_with("")).facts;
  CHECK(plain.stream_options_value.empty());
  CHECK(plain.include_usage_value.empty());
  CHECK(plain.max_tokens_value.empty());
  CHECK(plain.max_completion_tokens_value.empty());
  CHECK(plain.n == 1);
  CHECK_FALSE(plain.stream);

  const std::string bare = chat_with(R"("stream_options":{ })");
  const RequestFacts empty = read_request(bare).facts;
  CHECK(slice_of(bare, empty.stream_options_value) == "{ }");
  CHECK(empty.stream_options_is_object);
  CHECK(empty.stream_options_object_empty);

  const std::string null = chat_with(R"("stream_options": null )");
  const RequestFacts nothing = read_request(null).facts;
  CHECK(slice_of(null, nothing.stream_options_value) == "null");
  CHECK_FALSE(nothing.stream_options_is_object);

  const std::string last = R"({"model":"m","messages":[],"stream_options":{"include_usage":true}  })";
  const RequestFacts at_end = read_request(last).facts;
  CHECK(at_end.include_usage);
  CHECK(slice_of(last, at_end.stream_options_value) == R"({"include_usage":true})");
  CHECK(slice_of(last, at_end.include_usage_value) == "true");
}

}  // namespace
}  // namespace gateway
