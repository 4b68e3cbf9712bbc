#include "wire/gemini/log_probs.h"

#include <string_view>

#include "wire/json/members.h"

namespace gateway::gemini {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// Without the closing brace.
void append_token(std::string& out, const element& candidate) {
  std::string_view token;
  element number;
  json::append_comma(out);
  out += '{';
  json::append_text(out, "token", candidate["token"].get(token) == simdjson::SUCCESS ? token : std::string_view());
  const bool is_number = candidate["logProbability"].get(number) == simdjson::SUCCESS && number.is_number();
  json::append_json(out, "logprob", is_number ? std::string(simdjson::minify(number)) : "0");
  json::append_json(out, "bytes", "null");
}

}  // namespace

std::string log_probs_of(const object& result) {
  std::string out = "{";
  json::append_json(out, "content", "[");
  array chosen, top;
  const bool has_top = result["topCandidates"].get(top) == simdjson::SUCCESS;
  if (result["chosenCandidates"].get(chosen) == simdjson::SUCCESS) {
    auto alternatives = has_top ? top.begin() : array::iterator();
    for (const element each : chosen) {
      append_token(out, each);
      json::append_json(out, "top_logprobs", "[");
      if (has_top && alternatives != top.end()) {
        array others;
        if ((*alternatives)["candidates"].get(others) == simdjson::SUCCESS) {
          for (const element other : others) {
            append_token(out, other);
            out += '}';
          }
        }
        ++alternatives;
      }
      out += "]}";
    }
  }
  out += ']';
  json::append_json(out, "refusal", "null");
  return out += '}';
}

}  // namespace gateway::gemini
