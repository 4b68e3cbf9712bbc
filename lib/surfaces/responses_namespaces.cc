#include "surfaces/responses_namespaces.h"

#include <simdjson.h>

#include <algorithm>

#include "wire/json/dom.h"

namespace gateway::responses {

std::string joined_name(std::string_view space, std::string_view name) {
  std::string out(space);
  if (!space.ends_with("__")) out += "__";
  return out += name;
}

Namespaces::Namespaces(std::string_view members) {
  if (members.find("\"namespace\"") == members.npos) return;
  std::string json = "{\"\":0";
  json.append(members).push_back('}');
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  simdjson::dom::array tools, inner;
  if (parser.parse(json).get(root) != simdjson::SUCCESS || !json::array_of(root, "tools", tools)) return;
  json::for_each_object(tools, [&](const simdjson::dom::object& each) {
    if (json::text_of(each, "type") != "namespace" || !json::array_of(each, "tools", inner)) return;
    const std::string_view space = json::text_of(each, "name");
    json::for_each_object(inner, [&](const simdjson::dom::object& tool) {
      const std::string_view name = json::text_of(tool, "name");
      tools_.push_back({joined_name(space, name), std::string(space), std::string(name)});
    });
  });
}

const Namespaces::Tool* Namespaces::find(std::string_view full) const noexcept {
  const auto found = std::find_if(tools_.begin(), tools_.end(), [full](const Tool& each) { return each.full == full; });
  return found == tools_.end() ? nullptr : &*found;
}

}  // namespace gateway::responses
