#include "wire/json/repair.h"

#include <string>

#include "support/catch.h"
#include "wire/openai/answer_reader.h"

using namespace gateway;

TEST_CASE("a document that is truncated anywhere is closed to one that can be read", "[wire][json]") {
  const std::string whole =
      R"( {"request_id":-1.5e3,"list":[1,{"a":[true,null,"x\\"]},[]],"error":{"code":"too_\u006cong","type":"t",)"
      "\"mess\\u0061ge\":\"a \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \\n \\ud83d\\ude00 {\\\"[,: "
      "end\",\"more\":false},\"last\":null}";
  REQUIRE(json::fault_in(whole).empty());
  CHECK(json::closed(whole) == whole);
  std::string before;
  for (std::size_t size = whole.find('{') + 1; size < whole.size(); ++size) {
    const std::string closed = json::closed(std::string_view(whole).substr(0, size));
    INFO(closed);
    CHECK(json::fault_in(closed).empty());
    const std::string message = plain_error(std::string_view(whole).substr(0, size)).message;
    CHECK(message.size() >= before.size());
    CHECK(message.starts_with(before.substr(0, before.size() - std::min<std::size_t>(before.size(), 4))));
    before = message;
  }
  CHECK(before.ends_with("{\"[,: end"));
}

TEST_CASE("what was no JSON stays none", "[wire][json]") {
  for (const char* text : {"", " ", "}", "]", "nothing", "{\"a\":\"\\x", "[}", "{\"a\":\"\x01"}) {
    INFO(text);
    CHECK_FALSE(json::fault_in(json::closed(text)).empty());
  }
  CHECK(json::fault_in("{}").empty());
  CHECK(json::fault_in("junk") == "it is not an object");
  CHECK(json::fault_in("[]") == "it is not an object");
}

TEST_CASE("a long error keeps what came of it", "[wire][json][errors]") {
  const std::string body =
      R"({"error":{"code":"context_length_exceeded","param":"messages","message":"The prompt is )" +
      std::string(100'000, 'x');
  for (const bool in_list : {false, true}) {
    const ProviderError error = plain_error(in_list ? "[" + body : body);
    CHECK(error.message.starts_with("The prompt is xxx"));
    CHECK(error.code == "context_length_exceeded");
    CHECK(error.param == "messages");
  }
  CHECK(plain_error(R"({"message":"so long)").message == "so long");
  CHECK(plain_error(R"({"error":{"code":"invalid_api_key","mess)").wrong_key);
  CHECK(plain_error("{oops").message.empty());
}
