#include "wire/jsonrpc/message.h"

#include "wire/json/text.h"

namespace gateway::jsonrpc {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kMaxId = 256;  // bytes

bool fail(Fault& fault, int code, std::string_view message) {
  fault.code = code;
  fault.message = message;
  return false;
}

// False: it is neither a string nor a whole number.
bool read_id(element value, std::string& id) {
  std::string_view text;
  if (!value.get(text)) {
    if (text.size() > kMaxId) return false;
    append_json_string(id, text);
    return true;
  }
  if (!value.is_int64() && !value.is_uint64()) return false;
  id = simdjson::minify(value);
  return true;
}

}  // namespace

bool Reader::read(std::string_view bytes, Message& message, Fault& fault) {
  message = {};
  fault = {};
  element document;
  if (parser_.parse(bytes.data(), bytes.size()).get(document))
    return fail(fault, kParseError, "The message is not valid JSON");
  if (document.is_array()) return fail(fault, kInvalidRequest, "Batches are not supported: send one message at a time");
  object root;
  if (document.get(root)) return fail(fault, kInvalidRequest, "A message is a JSON object");

  element member;
  const bool has_id = !root.at_key("id").get(member);
  if (has_id && !read_id(member, message.id))
    return fail(fault, kInvalidRequest, "id: expected a string of at most 256 bytes or a whole number");
  std::string_view text;
  if (root.at_key("jsonrpc").get(text) || text != "2.0")
    return fail(fault, kInvalidRequest, "jsonrpc: expected \"2.0\"");
  if (root.at_key("method").get(member)) {
    const bool is_answer = !root.at_key("result").get(member) || !root.at_key("error").get(member);
    if (!is_answer || !has_id) return fail(fault, kInvalidRequest, "method: expected a string");
    message.kind = Message::Kind::response;
    return true;
  }
  if (member.get(text)) return fail(fault, kInvalidRequest, "method: expected a string");
  message.method = text;
  message.kind = has_id ? Message::Kind::request : Message::Kind::notification;
  if (root.at_key("params").get(member)) return true;
  object params;
  if (member.get(params)) return fail(fault, kInvalidParams, "params: expected an object");
  message.params = params;
  return true;
}

std::string result_text(std::string_view id, std::string_view result) {
  std::string text = R"({"jsonrpc":"2.0","id":)";
  text.append(id).append(R"(,"result":)").append(result).append("}");
  return text;
}

std::string error_text(std::string_view id, const Fault& fault) {
  std::string text = R"({"jsonrpc":"2.0","id":)";
  text.append(id.empty() ? "null" : id).append(R"(,"error":{"code":)").append(std::to_string(fault.code));
  text += R"(,"message":)";
  append_json_string(text, fault.message);
  if (!fault.data.empty()) text.append(R"(,"data":)").append(fault.data);
  text += "}}";
  return text;
}

}  // namespace gateway::jsonrpc
