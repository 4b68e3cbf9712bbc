#include "wire/openai/request_reader.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "wire/openai/request_reading.h"

namespace gateway {
namespace {

using test::chat_with;
using test::nested_to;
using test::padded;
using test::padded_with;
using test::read_request;
using test::RequestReading;
using test::slice_of;

TEST_CASE("bodies that are refused name the field", "[wire][request_reader]") {
  const struct {
    std::string body, param;
  } table[] = {
      // not JSON, or not an object
      {"", ""},
      {" \n", ""},
      {"null", ""},
      {"[]", ""},
      {"\"model\"", ""},
      {"1", ""},
      {"{", ""},
      {"}", ""},
      {"{]", ""},
      {"<html>", ""},
      {"\xef\xbb\xbf{\"model\":\"m\",\"messages\":[]}", ""},
      {chat_with("") + "x", ""},
      {chat_with("") + "{}", ""},
      {chat_with("") + "}", ""},
      {chat_with("") + " ,", ""},
      {chat_with("") + std::string(1, '\0'), ""},
      {R"({"model":"m","messages":[])", ""},
      {R"({"model":"m","messages":[}])", ""},
      {R"({"model":"m","messages":[]],"x":1})", ""},
      {R"({"model" "m","messages":[]})", ""},
      {R"({"model":"m" "messages":[]})", ""},
      {R"({"model":"m",,"messages":[]})", ""},
      {R"({"model":"m","messages":[],})", ""},
      {R"({,"model":"m","messages":[]})", ""},
      {R"({model:"m","messages":[]})", ""},
      {R"({'model':'m','messages':[]})", ""},
      {R"({1:2,"model":"m","messages":[]})", ""},
      {chat_with(R"("x":)"), ""},
      {chat_with(R"("x")"), ""},
      {chat_with(R"("x":["a":1])"), ""},
      {chat_with(R"("x":["a":1]])"), ""},
      {chat_with(R"("x":{"a"})"), ""},
      {chat_with(R"("x":{"a":1,})"), ""},
      {chat_with(R"("x":[1,])"), ""},
      {chat_with(R"("x":[,1])"), ""},
      {chat_with(R"("x":[1 2])"), ""},
      {chat_with(R"("x":["a" "b"])"), ""},
      {chat_with(R"("x":["a""b"])"), ""},
      {chat_with(R"("x":["a"b])"), ""},
      {chat_with(R"("x":/* c */1)"), ""},
      // literals and numbers
      {chat_with(R"("x":tru)"), ""},
      {chat_with(R"("x":True)"), ""},
      {chat_with(R"("x":truex)"), ""},
      {chat_with(R"("x":nul)"), ""},
      {chat_with(R"("x":NaN)"), ""},
      {chat_with(R"("x":Infinity)"), ""},
      {chat_with(R"("x":undefined)"), ""},
      {chat_with(R"("x":01)"), ""},
      {chat_with(R"("x":-)"), ""},
      {chat_with(R"("x":+1)"), ""},
      {chat_with(R"("x":1.)"), ""},
      {chat_with(R"("x":.5)"), ""},
      {chat_with(R"("x":1e)"), ""},
      {chat_with(R"("x":1e+)"), ""},
      {chat_with(R"("x":0x10)"), ""},
      {chat_with(R"("x":1_000)"), ""},
      {chat_with(R"("x":1"2")"), ""},
      // strings
      {chat_with(R"("x":"a)"), ""},
      {chat_with(R"("x":"\x41")"), ""},
      {chat_with(R"("x":"\u12")"), ""},
      {chat_with(R"("x":"\u12g4")"), ""},
      {chat_with(R"("x":"\U0041")"), ""},
      {chat_with(R"("\q":1)"), ""},
      {chat_with("\"x\":\"a\nb\""), ""},
      {chat_with("\"x\":\"a\tb\""), ""},
      {chat_with(std::string("\"x\":\"a") + '\0' + "b\""), ""},
      {chat_with("\"x\":\"\xff\""), ""},
      {chat_with("\"x\":\"\xc3\""), ""},
      {chat_with("\"x\":\"\xc0\x80\""), ""},
      {chat_with("\"x\":\"\xe0\x80\x80\""), ""},
      {chat_with("\"x\":\"\xed\xa0\x80\""), ""},
      {chat_with("\"x\":\"\xf4\x90\x80\x80\""), ""},
      {chat_with("\"\xfe\":1"), ""},
      {chat_with("\"x\":\xc2\xa0"
                 "1"),
       ""},
      {nested_to(65), ""},
      {nested_to(100'000), ""},
      {R"({"model":"m","messages":[],"x":)" + std::string(100'000, '['), ""},
      // model
      {R"({"messages":[]})", "model"},
      {R"({"model":null,"messages":[]})", "model"},
      {R"({"model":7,"messages":[]})", "model"},
      {R"({"model":["m"],"messages":[]})", "model"},
      {R"({"model":{},"messages":[]})", "model"},
      {R"({"model":"","messages":[]})", "model"},
      {R"({"model":"a\nb","messages":[]})", "model"},
      {R"({"model":"a\u0000b","messages":[]})", "model"},
      {R"({"model":"\ud800","messages":[]})", "model"},
      {R"({"model":"\udc00\ud800","messages":[]})", "model"},
      {R"({"model":")" + std::string(513, 'm') + R"(","messages":[]})", "model"},
      // duplicates, however spelled
      {R"({"model":"a","messages":[],"model":"b"})", "model"},
      {R"({"model":"a","messages":[],"\u006dodel":"b"})", "model"},
      {R"({"\u006D\u006fdel":"a","messages":[],"model":"b"})", "model"},
      {R"({"model":"m","messages":[],"messages":[]})", "messages"},
      {chat_with(R"("stream":true,"stream":true)"), "stream"},
      {chat_with(R"("stream":true,"str\u0065am":false)"), "stream"},
      {chat_with(R"("stream_options":null,"stream_options":null)"), "stream_options"},
      {chat_with(R"("stream_options":{"include_usage":true,"include_usage":true})"), "stream_options"},
      {chat_with(R"("stream_options":{"include_usage":true,"\u0069nclude_usage":false})"), "stream_options"},
      {chat_with(R"("max_tokens":1,"max_tokens":1)"), "max_tokens"},
      {chat_with(R"("max_completion_tokens":1,"max_completion_tokens":2)"), "max_completion_tokens"},
      {chat_with(R"("n":1,"n":1)"), "n"},
      {chat_with(R"("input":1,"input":1)"), "input"},
      {R"({"model":"m","messages":[{"content":"a","content":"b"}]})", "messages"},
      {R"({"model":"m","messages":[{"content":[{"type":"text","type":"image_url"}]}]})", "messages"},
      // types and ranges
      {chat_with(R"("stream":"true")"), "stream"},
      {chat_with(R"("stream":1)"), "stream"},
      {chat_with(R"("stream_options":true)"), "stream_options"},
      {chat_with(R"("stream_options":[])"), "stream_options"},
      {chat_with(R"("stream_options":{"include_usage":1})"), "stream_options.include_usage"},
      {chat_with(R"("stream_options":{"include_usage":"true"})"), "stream_options.include_usage"},
      {chat_with(R"("max_tokens":-1)"), "max_tokens"},
      {chat_with(R"("max_tokens":1.5)"), "max_tokens"},
      {chat_with(R"("max_tokens":1e3)"), "max_tokens"},
      {chat_with(R"("max_tokens":1e400)"), "max_tokens"},
      {chat_with(R"("max_tokens":1000000001)"), "max_tokens"},
      {chat_with(R"("max_tokens":99999999999999999999999)"), "max_tokens"},
      {chat_with(R"("max_tokens":"10")"), "max_tokens"},
      {chat_with(R"("max_tokens":[1])"), "max_tokens"},
      {chat_with(R"("max_completion_tokens":-9223372036854775809)"), "max_completion_tokens"},
      {chat_with(R"("max_completion_tokens":true)"), "max_completion_tokens"},
      {chat_with(R"("n":0)"), "n"},
      {chat_with(R"("n":-1)"), "n"},
      {chat_with(R"("n":129)"), "n"},
      {chat_with(R"("n":1.0)"), "n"},
      {chat_with(R"("n":"1")"), "n"},
      {R"({"model":"m"})", "messages"},
      {R"({"model":"m","messages":null})", "messages"},
      {R"({"model":"m","messages":"hi"})", "messages"},
      {R"({"model":"m","messages":{}})", "messages"},
  };
  for (const auto& [body, param] : table) {
    INFO(body.substr(0, 200));
    const RequestReading out = read_request(body);
    CHECK_FALSE(out.good);
    CHECK(out.why.param == param);
    CHECK_FALSE(out.why.message.empty());
  }
  CHECK(std::size(table) >= 60);
}

TEST_CASE("bodies with anything in the fields that are not read pass", "[wire][request_reader]") {
  for (const std::string& body :
       {chat_with(""),
        " \t\r\n" + chat_with("") + " \n",
        chat_with(R"("x":1e400)"),
        chat_with(R"("x":-0.0)"),
        chat_with(R"("x":-0)"),
        chat_with(R"("x":123456789012345678901234567890)"),
        chat_with(R"("x":0.1e-7)"),
        chat_with(R"("x":1E+2)"),
        chat_with(R"("x":"\ud800")"),
        chat_with(R"("\udc00":null)"),
        chat_with(R"("x":"\u0000")"),
        chat_with(R"("x":"\/\b\f\n\r\t\"\\")"),
        chat_with(R"("x":1,"x":2)"),
        chat_with(R"("":"")"),
        chat_with(R"("temperature":"hot")"),
        chat_with(R"("tools":7)"),
        chat_with(R"("stream":null)"),
        chat_with(R"("stream_options":null)"),
        chat_with(R"("stream_options":{"x":[1]})"),
        chat_with(R"("stream_options":{"include_usage":true})"),
        chat_with(R"("max_tokens":null,"n":null)"),
        chat_with(R"("max_tokens":0)"),
        chat_with(R"("max_tokens":1000000000)"),
        chat_with(R"("n":128)"),
        chat_with("\"x\":\"\x7f\""),
        chat_with("\"x\":\"\xf0\x9f\x98\x80 \xe2\x82\xac \xc3\xa9\""),
        nested_to(64),
        chat_with(R"("x":[[],{},[{}]])"),
        std::string(R"({"model":"m","messages":[1,null,"a",[],{"content":{"type":7}},{"content":[1,["a"]]}]})")}) {
    INFO(body.substr(0, 200));
    const RequestReading out = read_request(body);
    CHECK(out.good);
    CHECK(out.why.message.empty());
  }
}

TEST_CASE("what comes after the body plays no part", "[wire][request_reader]") {
  RequestReader reader;
  RequestFacts facts;
  BadRequest why;
  for (const char padding : {'}', ']', ',', '"', '1', ' ', '\0', ':', '\\'}) {
    for (const std::string& broken :
         {std::string(R"({"model":"m","messages":[],"x":{"a":1})"), std::string(R"({"model":"m","messages":[{"a":1})"),
          std::string(R"({"model":"m","messages":[)"), std::string(R"({"model":"m)"), std::string(R"({"model":"m\)"),
          std::string(R"({"model":"m","messages":[],"x":1)")}) {
      INFO(broken << " then " << padding);
      CHECK_FALSE(reader.read(Operation::chat, padded_with(broken, padding), facts, why));
    }
    CHECK(reader.read(Operation::chat, padded_with(chat_with(""), padding), facts, why));
  }
}

TEST_CASE("a body truncated at any byte is refused", "[wire][request_reader]") {
  const std::string body =
      R"({"model":"m","stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"\u00e9"}]}],"n":2})";
  REQUIRE(read_request(body).good);
  for (std::size_t cut = 0; cut < body.size(); ++cut) {
    INFO(cut);
    CHECK_FALSE(read_request(body.substr(0, cut)).good);
  }
}

TEST_CASE("facts and places are exact", "[wire][request_reader]") {
  const std::string body =
      "  { \"max_tokens\" : 100 ,\"model\"\t: \"a\\/b\\u00e9\" , \"stream\":true,"
      "\"stream_options\": { \"x\": {} , \"include_usage\" : false } , "
      "\"max_completion_tokens\":  null  ,\"n\":3,\"messages\":[]}";
  const RequestReading out = read_request(body);
  REQUIRE(out.good);
  const RequestFacts& f = out.facts;
  CHECK(f.model == "a/b\xc3\xa9");
  CHECK(slice_of(body, f.model_value) == "\"a\\/b\\u00e9\"");
  CHECK(f.stream);
  CHECK_FALSE(f.include_usage);
  CHECK(slice_of(body, f.stream_options_value) == "{ \"x\": {} , \"include_usage\" : false }");
  CHECK(slice_of(body, f.include_usage_value) == "false");
  CHECK(f.stream_options_is_object);
  CHECK_FALSE(f.stream_options_object_empty);
  CHECK(f.max_tokens == 100);
  CHECK(slice_of(body, f.max_tokens_value) == "100");
  CHECK_FALSE(f.max_completion_tokens.has_value());
  CHECK(slice_of(body, f.max_completion_tokens_value) == "null");
  CHECK(f.n == 3);
  CHECK(f.object_begin == 3);
  CHECK_FALSE(f.object_empty);
}

TEST_CASE("facts of an earlier request do not stay", "[wire][request_reader]") {
  RequestReader reader;
  RequestFacts facts;
  BadRequest why;
  const std::string first =
      chat_with(R"("stream":true,"stream_options":{"include_usage":true},"max_tokens":5,"n":9)") + "      ";
  REQUIRE(reader.read(Operation::chat, padded(first), facts, why));
  REQUIRE(reader.read(Operation::chat, padded(chat_with("")), facts, why));
  CHECK_FALSE(facts.stream);
  CHECK_FALSE(facts.include_usage);
  CHECK_FALSE(facts.max_tokens.has_value());
  CHECK(facts.stream_options_value.empty());
  CHECK(facts.n == 1);
}

TEST_CASE("a body of many megabytes is read", "[wire][request_reader]") {
  const std::string text(8 * 1024 * 1024, 'a');
  RequestReader reader;
  RequestFacts facts;
  BadRequest why;
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":")" + text + R"("}]})";
  REQUIRE(reader.read(Operation::chat, padded(body), facts, why));
  CHECK(facts.input_bound > 8 * 1024 * 1024);
  REQUIRE(reader.read(Operation::chat, padded(chat_with("")), facts, why));
}

}  // namespace
}  // namespace gateway
