#include "wire/jsonrpc/message.h"

#include "support/catch.h"

using namespace gateway::jsonrpc;

namespace {

int code_of(std::string_view bytes) {
  Reader reader;
  Message message;
  Fault fault;
  return reader.read(bytes, message, fault) ? 0 : fault.code;
}

Message read(Reader& reader, std::string_view bytes) {
  Message message;
  Fault fault;
  INFO(bytes);
  REQUIRE(reader.read(bytes, message, fault));
  return message;
}

}  // namespace

TEST_CASE("requests, notifications and responses are distinguished", "[wire][jsonrpc]") {
  Reader reader;
  const Message request = read(reader, R"({"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":1}})");
  CHECK(request.kind == Message::Kind::request);
  CHECK(request.id == "7");
  CHECK(request.method == "ping");
  REQUIRE(request.params);
  CHECK(std::int64_t(request.params->at_key("a")) == 1);
  CHECK(read(reader, R"({"jsonrpc":"2.0","method":"notifications/initialized"})").kind == Message::Kind::notification);
  CHECK(read(reader, R"({"jsonrpc":"2.0","id":1,"result":{}})").kind == Message::Kind::response);
  CHECK(read(reader, R"({"jsonrpc":"2.0","id":1,"error":{}})").kind == Message::Kind::response);
}

TEST_CASE("an id is returned as it came", "[wire][jsonrpc]") {
  Reader reader;
  CHECK(read(reader, R"({"jsonrpc":"2.0","id":"a\"\n","method":"m"})").id == R"("a\"\n")");
  CHECK(read(reader, R"({"jsonrpc":"2.0","id":-3,"method":"m"})").id == "-3");
  CHECK(read(reader, R"({"jsonrpc":"2.0","id":18446744073709551615,"method":"m"})").id == "18446744073709551615");
}

TEST_CASE("what is no message is refused by its code", "[wire][jsonrpc]") {
  CHECK(code_of("") == kParseError);
  CHECK(code_of("{") == kParseError);
  CHECK(code_of("\xff") == kParseError);
  CHECK(code_of(R"({"jsonrpc":"2.0","id":1,"method":"m"} x)") == kParseError);
  CHECK(code_of("[]") == kInvalidRequest);
  CHECK(code_of(R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])") == kInvalidRequest);
  CHECK(code_of("1") == kInvalidRequest);
  CHECK(code_of(R"({"id":1,"method":"m"})") == kInvalidRequest);
  CHECK(code_of(R"({"jsonrpc":"1.0","id":1,"method":"m"})") == kInvalidRequest);
  CHECK(code_of(R"({"jsonrpc":"2.0","id":null,"method":"m"})") == kInvalidRequest);
  CHECK(code_of(R"({"jsonrpc":"2.0","id":1.5,"method":"m"})") == kInvalidRequest);
  CHECK(code_of(R"({"jsonrpc":"2.0","id":")" + std::string(300, 'x') + R"(","method":"m"})") == kInvalidRequest);
  CHECK(code_of(R"({"jsonrpc":"2.0","id":1,"method":5})") == kInvalidRequest);
  CHECK(code_of(R"({"jsonrpc":"2.0","id":1})") == kInvalidRequest);
  CHECK(code_of(R"({"jsonrpc":"2.0","id":1,"method":"m","params":[1]})") == kInvalidParams);
}

TEST_CASE("an error keeps the id if it could be read", "[wire][jsonrpc]") {
  Reader reader;
  Message message;
  Fault fault;
  CHECK_FALSE(reader.read(R"({"id":4,"method":"m"})", message, fault));
  CHECK(error_text(message.id, fault) ==
        R"({"jsonrpc":"2.0","id":4,"error":{"code":-32600,"message":"jsonrpc: expected \"2.0\""}})");
  CHECK_FALSE(reader.read("{", message, fault));
  CHECK(error_text(message.id, fault) ==
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"The message is not valid JSON"}})");
  CHECK(result_text("1", "{}") == R"({"jsonrpc":"2.0","id":1,"result":{}})");
  CHECK(error_text("1", {1, "m", "{\"a\":1}"}) ==
        R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m","data":{"a":1}}})");
}
