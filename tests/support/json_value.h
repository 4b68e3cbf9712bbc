// JSON values compared, whatever the order of their members.
#pragma once

#include <simdjson.h>

#include <map>
#include <string>
#include <string_view>

#include "support/catch.h"

namespace gateway::testing {

// Members sorted by name; a member that is null counts as absent. edit(key, text) may change a member's canonical text;
// one that is then empty is left out.
template <class Edit>
std::string canonical(simdjson::dom::element value, Edit&& edit) {
  if (value.is_array()) {
    std::string out;
    const simdjson::dom::array list = value.get_array().value_unsafe();
    for (const simdjson::dom::element each : list) out += (out.empty() ? "" : ",") + canonical(each, edit);
    return "[" + out + "]";
  }
  if (!value.is_object()) return simdjson::minify(value);
  std::map<std::string, std::string> members;
  const simdjson::dom::object object = value.get_object().value_unsafe();
  for (const auto& [key, member] : object) {
    if (member.is_null()) continue;
    std::string text = canonical(member, edit);
    edit(key, text);
    if (!text.empty()) members[std::string(key)] = std::move(text);
  }
  std::string out;
  for (const auto& [key, text] : members) out += (out.empty() ? "\"" : ",\"") + key + "\":" + text;
  return "{" + out + "}";
}

template <class Edit>
std::string canonical_json(std::string_view json, Edit&& edit) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  INFO(json);
  REQUIRE(parser.parse(std::string(json)).get(root) == simdjson::SUCCESS);
  return canonical(root, edit);
}

inline std::string canonical_json(std::string_view json) {
  return canonical_json(json, [](std::string_view, std::string&) {});
}

}  // namespace gateway::testing
