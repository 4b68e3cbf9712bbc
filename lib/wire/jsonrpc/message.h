// JSON-RPC 2.0 messages: one is read from bytes, answers are written as bytes.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::jsonrpc {

// https://www.jsonrpc.org/specification, section 5.1.
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;

struct Fault {
  int code = 0;
  std::string message;
  std::string data{};  // JSON; empty: none
};

struct Message {
  enum class Kind : std::uint8_t {
    request,
    notification,  // has no id and gets no answer
    response,      // to a request that was never sent
  };
  Kind kind = Kind::request;
  std::string id{};  // as JSON: a string or a whole number; empty: none
  std::string method{};
  std::optional<simdjson::dom::object> params{};  // valid until the Reader reads again
};

// Reads one message at a time. One thread.
class Reader {
 public:
  // False: `fault` says why, and `message.id` is the id if it could be read. An array is invalid: there are no batches.
  bool read(std::string_view bytes, Message& message, Fault& fault);

 private:
  simdjson::dom::parser parser_;
};

// {"jsonrpc":"2.0","id":ID,"result":RESULT}; both are JSON.
std::string result_text(std::string_view id, std::string_view result);
// An empty id is written as null.
std::string error_text(std::string_view id, const Fault& fault);

}  // namespace gateway::jsonrpc
