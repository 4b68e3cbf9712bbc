#include <simdjson.h>

#include <string>

#include "fuzz/fuzz_target.h"
#include "fuzz/json_oracle.h"
#include "wire/jsonrpc/message.h"

namespace gateway::fuzz {

// What is accepted is valid JSON and has what its kind has; what is refused has an answer that is valid JSON, and so
// has what is accepted, with the same id.
void jsonrpc(std::string_view input) {
  static jsonrpc::Reader reader;
  using jsonrpc::Message;
  Message message;
  jsonrpc::Fault fault;
  const bool good = reader.read(input, message, fault);
  bool is_object = false;
  const Verdict verdict = json_verdict(input, is_object);
  simdjson::dom::parser parser;
  simdjson::dom::object answer;
  if (!good) {
    require(fault.code < 0 && !fault.message.empty(), "a refusal says why");
    require(!parser.parse(jsonrpc::error_text(message.id, fault)).get(answer), "an error is a JSON object");
    return;
  }
  require(verdict != Verdict::invalid && is_object, "no malformed message is accepted");
  require(message.id.empty() == (message.kind == Message::Kind::notification), "a notification alone has no id");
  if (message.id.empty()) return;
  simdjson::dom::element id;
  require(!parser.parse(jsonrpc::result_text(message.id, "{}")).at_key("id").get(id), "an answer has an id");
  require(id.is_string() || id.is_int64() || id.is_uint64(), "an id is a string or a whole number");
}

}  // namespace gateway::fuzz
