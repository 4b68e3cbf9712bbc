#include "surfaces/openai_pieces.h"

#include <simdjson.h>

#include "wire/json/text.h"

namespace gateway {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

void append_elements_of(std::string& out, const object& from, std::string_view key) {
  array list;
  if (from[key].get(list) != simdjson::SUCCESS) return;
  for (const element each : list) {
    if (!out.empty()) out += ',';
    out += simdjson::minify(each);
  }
}

void append_list(std::string& out, std::string_view elements) {
  if (elements.empty()) {
    out += "null";
  } else {
    out.append("[").append(elements).append("]");
  }
}

}  // namespace

void LogProbPieces::add(std::string_view json) {
  simdjson::dom::parser parser;
  object piece;
  if (parser.parse(json.data(), json.size()).get(piece) != simdjson::SUCCESS) return;
  append_elements_of(content_, piece, "content");
  append_elements_of(refusal_, piece, "refusal");
}

std::string LogProbPieces::json() const {
  std::string out = "{\"content\":";
  append_list(out, content_);
  out += ",\"refusal\":";
  append_list(out, refusal_);
  return out += '}';
}

void AudioPieces::add(std::string_view json) {
  simdjson::dom::parser parser;
  object piece;
  if (parser.parse(json.data(), json.size()).get(piece) != simdjson::SUCCESS) return;
  any_ = true;
  std::string rest;
  for (const auto& [key, member] : piece) {
    std::string_view text;
    if (member.get(text) == simdjson::SUCCESS && (key == "data" || key == "transcript")) {
      (key == "data" ? data_ : transcript_) += text;
    } else if (key == "id" && member.is_string()) {
      id_ = text;
    } else {
      rest += ',';
      append_json_string(rest, key);
      rest.append(":").append(simdjson::minify(member));
    }
  }
  if (!rest.empty()) rest_ = std::move(rest);
}

std::string AudioPieces::json() const {
  std::string out = "{\"id\":";
  append_json_string(out, id_);
  out += ",\"data\":";
  append_json_string(out, data_);
  out += ",\"transcript\":";
  append_json_string(out, transcript_);
  return out.append(rest_) += '}';
}

}  // namespace gateway
