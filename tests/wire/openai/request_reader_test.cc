#include "wire/openai/request_reader.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "wire/openai/bodies.h"

namespace gateway {
namespace {

using test::padded;
using test::padded_with;

struct Outcome {
  bool good = false;
  RequestFacts facts;
  BadRequest why;
};

Outcome read(std::string_view body, Operation operation = Operation::chat) {
  RequestReader reader;
  Outcome out;
  out.good = reader.read(operation, padded(body), out.facts, out.why);
  return out;
}

// A chat body with more members.
std::string chat(const std::string& members) {
  return R"({"model":"m","messages":[])" + (members.empty() ? "" : "," + members) + "}";
}
std::string nested(int levels) {
  const auto n = static_cast<std::size_t>(levels - 1);
  return R"({"model":"m","messages":[],"x":)" + std::string(n, '[') + std::string(n, ']') + "}";
}
std::string slice(std::string_view body, ByteRange range) {
  return std::string(body.substr(range.begin, range.end - range.begin));
}

TEST_CASE("a conversation with calls that Google signed is mixed, wherever the signature is",
          "[wire][request_reader]") {
  const auto is_mixed = [](const std::string& members, Operation operation = Operation::chat) {
    const Outcome out = read(chat(members), operation);
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
      {chat("") + "x", ""},
      {chat("") + "{}", ""},
      {chat("") + "}", ""},
      {chat("") + " ,", ""},
      {chat("") + std::string(1, '\0'), ""},
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
      {chat(R"("x":)"), ""},
      {chat(R"("x")"), ""},
      {chat(R"("x":["a":1])"), ""},
      {chat(R"("x":["a":1]])"), ""},
      {chat(R"("x":{"a"})"), ""},
      {chat(R"("x":{"a":1,})"), ""},
      {chat(R"("x":[1,])"), ""},
      {chat(R"("x":[,1])"), ""},
      {chat(R"("x":[1 2])"), ""},
      {chat(R"("x":["a" "b"])"), ""},
      {chat(R"("x":["a""b"])"), ""},
      {chat(R"("x":["a"b])"), ""},
      {chat(R"("x":/* c */1)"), ""},
      // literals and numbers
      {chat(R"("x":tru)"), ""},
      {chat(R"("x":True)"), ""},
      {chat(R"("x":truex)"), ""},
      {chat(R"("x":nul)"), ""},
      {chat(R"("x":NaN)"), ""},
      {chat(R"("x":Infinity)"), ""},
      {chat(R"("x":undefined)"), ""},
      {chat(R"("x":01)"), ""},
      {chat(R"("x":-)"), ""},
      {chat(R"("x":+1)"), ""},
      {chat(R"("x":1.)"), ""},
      {chat(R"("x":.5)"), ""},
      {chat(R"("x":1e)"), ""},
      {chat(R"("x":1e+)"), ""},
      {chat(R"("x":0x10)"), ""},
      {chat(R"("x":1_000)"), ""},
      {chat(R"("x":1"2")"), ""},
      // strings
      {chat(R"("x":"a)"), ""},
      {chat(R"("x":"\x41")"), ""},
      {chat(R"("x":"\u12")"), ""},
      {chat(R"("x":"\u12g4")"), ""},
      {chat(R"("x":"\U0041")"), ""},
      {chat(R"("\q":1)"), ""},
      {chat("\"x\":\"a\nb\""), ""},
      {chat("\"x\":\"a\tb\""), ""},
      {chat(std::string("\"x\":\"a") + '\0' + "b\""), ""},
      {chat("\"x\":\"\xff\""), ""},
      {chat("\"x\":\"\xc3\""), ""},
      {chat("\"x\":\"\xc0\x80\""), ""},
      {chat("\"x\":\"\xe0\x80\x80\""), ""},
      {chat("\"x\":\"\xed\xa0\x80\""), ""},
      {chat("\"x\":\"\xf4\x90\x80\x80\""), ""},
      {chat("\"\xfe\":1"), ""},
      {chat("\"x\":\xc2\xa0"
            "1"),
       ""},
      {nested(65), ""},
      {nested(100'000), ""},
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
      {chat(R"("stream":true,"stream":true)"), "stream"},
      {chat(R"("stream":true,"str\u0065am":false)"), "stream"},
      {chat(R"("stream_options":null,"stream_options":null)"), "stream_options"},
      {chat(R"("stream_options":{"include_usage":true,"include_usage":true})"), "stream_options"},
      {chat(R"("stream_options":{"include_usage":true,"\u0069nclude_usage":false})"), "stream_options"},
      {chat(R"("max_tokens":1,"max_tokens":1)"), "max_tokens"},
      {chat(R"("max_completion_tokens":1,"max_completion_tokens":2)"), "max_completion_tokens"},
      {chat(R"("n":1,"n":1)"), "n"},
      {chat(R"("input":1,"input":1)"), "input"},
      {R"({"model":"m","messages":[{"content":"a","content":"b"}]})", "messages"},
      {R"({"model":"m","messages":[{"content":[{"type":"text","type":"image_url"}]}]})", "messages"},
      // types and ranges
      {chat(R"("stream":"true")"), "stream"},
      {chat(R"("stream":1)"), "stream"},
      {chat(R"("stream_options":true)"), "stream_options"},
      {chat(R"("stream_options":[])"), "stream_options"},
      {chat(R"("stream_options":{"include_usage":1})"), "stream_options.include_usage"},
      {chat(R"("stream_options":{"include_usage":"true"})"), "stream_options.include_usage"},
      {chat(R"("max_tokens":-1)"), "max_tokens"},
      {chat(R"("max_tokens":1.5)"), "max_tokens"},
      {chat(R"("max_tokens":1e3)"), "max_tokens"},
      {chat(R"("max_tokens":1e400)"), "max_tokens"},
      {chat(R"("max_tokens":1000000001)"), "max_tokens"},
      {chat(R"("max_tokens":99999999999999999999999)"), "max_tokens"},
      {chat(R"("max_tokens":"10")"), "max_tokens"},
      {chat(R"("max_tokens":[1])"), "max_tokens"},
      {chat(R"("max_completion_tokens":-9223372036854775809)"), "max_completion_tokens"},
      {chat(R"("max_completion_tokens":true)"), "max_completion_tokens"},
      {chat(R"("n":0)"), "n"},
      {chat(R"("n":-1)"), "n"},
      {chat(R"("n":129)"), "n"},
      {chat(R"("n":1.0)"), "n"},
      {chat(R"("n":"1")"), "n"},
      {R"({"model":"m"})", "messages"},
      {R"({"model":"m","messages":null})", "messages"},
      {R"({"model":"m","messages":"hi"})", "messages"},
      {R"({"model":"m","messages":{}})", "messages"},
  };
  for (const auto& [body, param] : table) {
    INFO(body.substr(0, 200));
    const Outcome out = read(body);
    CHECK_FALSE(out.good);
    CHECK(out.why.param == param);
    CHECK_FALSE(out.why.message.empty());
  }
  CHECK(std::size(table) >= 60);
}

TEST_CASE("embeddings take a string, strings, token ids or arrays of them", "[wire][request_reader]") {
  const auto with = [](const std::string& input) {
    return read(R"({"model":"m","input":)" + input + "}", Operation::embeddings);
  };
  for (const char* good : {R"("a")", R"(["a","b"])", "[1,2]", "[[1,2],[3]]", "[]", "[[]]", R"("")", "[0]"}) {
    INFO(good);
    CHECK(with(good).good);
  }
  for (const char* bad :
       {"null", "1", "true", "[{},1]", R"(["a",1])", R"([1,"a"])", "[1,[2]]", "[[1],2]", R"([["a"]])", "[[[1]]]",
        "[1.5]", "[-1]", "[1e3]", "[[1],{}]", "[null]", "[true]", "[[1],[null]]", "[18446744073709551616]"}) {
    INFO(bad);
    const Outcome out = with(bad);
    CHECK_FALSE(out.good);
    CHECK(out.why.param == "input");
  }
  CHECK(read(R"({"model":"m"})", Operation::embeddings).why.param == "input");
  CHECK(read(R"({"model":"m","input":"a","messages":7})", Operation::embeddings).good);
}

TEST_CASE("objects in an embedding's input count as the media they carry", "[wire][request_reader]") {
  const auto counts = [](const std::string& members) {
    const Outcome out = read(R"({"model":"m",)" + members + "}", Operation::embeddings);
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
    return read(R"({"model":"m","input":[{"image":")" + data + R"("}]})", Operation::embeddings).facts.input_bound;
  };
  CHECK(bound("a") == bound(std::string(5000, 'a')));
}

TEST_CASE("texts may hold half of a surrogate pair, a model's name may not", "[wire][request_reader]") {
  CHECK(read(R"({"model":"m","messages":[{"role":"user","content":"\ud83d"}]})").good);
  CHECK(read(R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"\ude00"}]}]})").good);
  CHECK(read(R"({"model":"m","messages":[{"\udc00":1}]})").good);
  CHECK(read(R"({"model":"m","input":["a","\udc00"]})", Operation::embeddings).good);
  CHECK(read(R"({"model":"m\ud83d","messages":[]})").why.param == "model");
}

TEST_CASE("a model's name has up to 512 bytes", "[wire][request_reader]") {
  const std::string name(512, 'm');
  const Outcome out = read(R"({"messages":[],"model":")" + name + R"("})");
  CHECK(out.good);
  CHECK(out.facts.model == name);
}

TEST_CASE("include_usage may be null, and is found to be replaced", "[wire][request_reader]") {
  const std::string body = chat(R"("stream_options":{"include_usage":null})");
  const Outcome out = read(body);
  CHECK(out.good);
  CHECK_FALSE(out.facts.include_usage);
  CHECK(slice(body, out.facts.include_usage_value) == "null");
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
  CHECK((facts.model == "gpt" && slice(named, facts.model_value) == "\"other\""));
  CHECK_FALSE(by_path(R"({"messages":[]})", "g\xffpt"));
  CHECK_FALSE(by_path(R"({"messages":[]})", std::string(513, 'm')));
  CHECK_FALSE(by_path(R"({"messages":[]})", "a\nb"));
  CHECK(why.param == "model");
}

TEST_CASE("bodies with anything in the fields that are not read pass", "[wire][request_reader]") {
  for (const std::string& body :
       {chat(""),
        " \t\r\n" + chat("") + " \n",
        chat(R"("x":1e400)"),
        chat(R"("x":-0.0)"),
        chat(R"("x":-0)"),
        chat(R"("x":123456789012345678901234567890)"),
        chat(R"("x":0.1e-7)"),
        chat(R"("x":1E+2)"),
        chat(R"("x":"\ud800")"),
        chat(R"("\udc00":null)"),
        chat(R"("x":"\u0000")"),
        chat(R"("x":"\/\b\f\n\r\t\"\\")"),
        chat(R"("x":1,"x":2)"),
        chat(R"("":"")"),
        chat(R"("temperature":"hot")"),
        chat(R"("tools":7)"),
        chat(R"("stream":null)"),
        chat(R"("stream_options":null)"),
        chat(R"("stream_options":{"x":[1]})"),
        chat(R"("stream_options":{"include_usage":true})"),
        chat(R"("max_tokens":null,"n":null)"),
        chat(R"("max_tokens":0)"),
        chat(R"("max_tokens":1000000000)"),
        chat(R"("n":128)"),
        chat("\"x\":\"\x7f\""),
        chat("\"x\":\"\xf0\x9f\x98\x80 \xe2\x82\xac \xc3\xa9\""),
        nested(64),
        chat(R"("x":[[],{},[{}]])"),
        std::string(R"({"model":"m","messages":[1,null,"a",[],{"content":{"type":7}},{"content":[1,["a"]]}]})")}) {
    INFO(body.substr(0, 200));
    const Outcome out = read(body);
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
    CHECK(reader.read(Operation::chat, padded_with(chat(""), padding), facts, why));
  }
}

TEST_CASE("a body truncated at any byte is refused", "[wire][request_reader]") {
  const std::string body =
      R"({"model":"m","stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"\u00e9"}]}],"n":2})";
  REQUIRE(read(body).good);
  for (std::size_t cut = 0; cut < body.size(); ++cut) {
    INFO(cut);
    CHECK_FALSE(read(body.substr(0, cut)).good);
  }
}

TEST_CASE("facts and places are exact", "[wire][request_reader]") {
  const std::string body =
      "  { \"max_tokens\" : 100 ,\"model\"\t: \"a\\/b\\u00e9\" , \"stream\":true,"
      "\"stream_options\": { \"x\": {} , \"include_usage\" : false } , "
      "\"max_completion_tokens\":  null  ,\"n\":3,\"messages\":[]}";
  const Outcome out = read(body);
  REQUIRE(out.good);
  const RequestFacts& f = out.facts;
  CHECK(f.model == "a/b\xc3\xa9");
  CHECK(slice(body, f.model_value) == "\"a\\/b\\u00e9\"");
  CHECK(f.stream);
  CHECK_FALSE(f.include_usage);
  CHECK(slice(body, f.stream_options_value) == "{ \"x\": {} , \"include_usage\" : false }");
  CHECK(slice(body, f.include_usage_value) == "false");
  CHECK(f.stream_options_is_object);
  CHECK_FALSE(f.stream_options_object_empty);
  CHECK(f.max_tokens == 100);
  CHECK(slice(body, f.max_tokens_value) == "100");
  CHECK_FALSE(f.max_completion_tokens.has_value());
  CHECK(slice(body, f.max_completion_tokens_value) == "null");
  CHECK(f.n == 3);
  CHECK(f.object_begin == 3);
  CHECK_FALSE(f.object_empty);
}

TEST_CASE("absent fields leave empty places, empty stream options are distinguished", "[wire][request_reader]") {
  const RequestFacts plain = read(chat("")).facts;
  CHECK(plain.stream_options_value.empty());
  CHECK(plain.include_usage_value.empty());
  CHECK(plain.max_tokens_value.empty());
  CHECK(plain.max_completion_tokens_value.empty());
  CHECK(plain.n == 1);
  CHECK_FALSE(plain.stream);

  const std::string bare = chat(R"("stream_options":{ })");
  const RequestFacts empty = read(bare).facts;
  CHECK(slice(bare, empty.stream_options_value) == "{ }");
  CHECK(empty.stream_options_is_object);
  CHECK(empty.stream_options_object_empty);

  const std::string null = chat(R"("stream_options": null )");
  const RequestFacts nothing = read(null).facts;
  CHECK(slice(null, nothing.stream_options_value) == "null");
  CHECK_FALSE(nothing.stream_options_is_object);

  const std::string last = R"({"model":"m","messages":[],"stream_options":{"include_usage":true}  })";
  const RequestFacts at_end = read(last).facts;
  CHECK(at_end.include_usage);
  CHECK(slice(last, at_end.stream_options_value) == R"({"include_usage":true})");
  CHECK(slice(last, at_end.include_usage_value) == "true");
}

TEST_CASE("facts of an earlier request do not stay", "[wire][request_reader]") {
  RequestReader reader;
  RequestFacts facts;
  BadRequest why;
  const std::string first =
      chat(R"("stream":true,"stream_options":{"include_usage":true},"max_tokens":5,"n":9)") + "      ";
  REQUIRE(reader.read(Operation::chat, padded(first), facts, why));
  REQUIRE(reader.read(Operation::chat, padded(chat("")), facts, why));
  CHECK_FALSE(facts.stream);
  CHECK_FALSE(facts.include_usage);
  CHECK_FALSE(facts.max_tokens.has_value());
  CHECK(facts.stream_options_value.empty());
  CHECK(facts.n == 1);
}

TEST_CASE("text is counted after unescaping, media are not", "[wire][request_reader]") {
  // The bound of a body without messages' parts, less what every body has.
  const auto bound = [](const std::string& body) {
    const Outcome out = read(body);
    REQUIRE(out.good);
    return out.facts.input_bound;
  };
  const std::int64_t base = bound(chat(""));
  CHECK(base == 5 + 1 + 8);
  CHECK(bound(chat(R"("x":"abc")")) == base + 4);
  CHECK(bound(chat(R"("x":"\u0041\n\"")")) == base + 1 + 3);
  CHECK(bound(chat(R"("x":"\u00e9")")) == base + 1 + 2);
  CHECK(bound(chat(R"("x":"\u20ac")")) == base + 1 + 3);
  CHECK(bound(chat(R"("x":"\ud83d\ude00")")) == base + 1 + 4);
  CHECK(bound(chat(R"("x":"\ud83d")")) == base + 1 + 3);
  CHECK(bound(chat(R"("x":-12.5e3)")) == base + 1 + 7);
  CHECK(bound(chat("\"x\":\"\xf0\x9f\x98\x80\"")) == base + 1 + 4);
  CHECK(bound(R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})") == base + 4 + 4 + 7 + 2 + 16);
  CHECK(bound(chat(R"("tools":[])")) > base + 5 + 300);

  const auto parts = [](const std::string& list) {
    const Outcome out = read(R"({"model":"m","messages":[{"content":[)" + list + "]}]}");
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
  CHECK(read(chat(R"("x":{"type":"image_url","image_url":{"url":")" + data + R"("}})")).facts.images == 0);
}

TEST_CASE("estimates are a quarter of the text, token ids count one each", "[wire][request_reader]") {
  CHECK(read(chat(R"("x":"123456789")")).facts.input_estimate == (14 + 10 + 3) / 4);
  const Outcome ids = read(R"({"model":"m","input":[[11,22222],[3]]})", Operation::embeddings);
  CHECK(ids.facts.input_bound == 5 + 1 + 5 + 3);
  CHECK(ids.facts.input_estimate == 3 + 3);
  const Outcome flat = read(R"({"model":"m","input":[11,22222]})", Operation::embeddings);
  CHECK(flat.facts.input_bound == 5 + 1 + 5 + 2);
}

TEST_CASE("a body of many megabytes is read", "[wire][request_reader]") {
  const std::string text(8 * 1024 * 1024, 'a');
  RequestReader reader;
  RequestFacts facts;
  BadRequest why;
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":")" + text + R"("}]})";
  REQUIRE(reader.read(Operation::chat, padded(body), facts, why));
  CHECK(facts.input_bound > 8 * 1024 * 1024);
  REQUIRE(reader.read(Operation::chat, padded(chat("")), facts, why));
}

}  // namespace
}  // namespace gateway
