// One body read as a request.
#pragma once

#include <string>
#include <string_view>

#include "wire/openai/bodies.h"
#include "wire/openai/request_reader.h"

namespace gateway::test {

struct RequestReading {
  bool good = false;
  RequestFacts facts;
  BadRequest why;
};

inline RequestReading read_request(std::string_view body, Operation operation = Operation::chat) {
  RequestReader reader;
  RequestReading out;
  out.good = reader.read(operation, padded(body), out.facts, out.why);
  return out;
}

// A chat body with more members.
inline std::string chat_with(const std::string& members) {
  return R"({"model":"m","messages":[])" + (members.empty() ? "" : "," + members) + "}";
}
inline std::string nested_to(int levels) {
  const auto n = static_cast<std::size_t>(levels - 1);
  return R"({"model":"m","messages":[],"x":)" + std::string(n, '[') + std::string(n, ']') + "}";
}
inline std::string slice_of(std::string_view body, ByteRange range) {
  return std::string(body.substr(range.begin, range.end - range.begin));
}

}  // namespace gateway::test
