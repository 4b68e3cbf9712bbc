#include "app/render/yaml.h"

#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "app/render/json.h"

namespace gateway::app {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// Needs no quotes: a word that no reader takes for a number, a boolean or null.
bool is_plain(std::string_view text) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; };
  static constexpr std::string_view kTaken[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  return !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0 &&
         std::all_of(text.begin(), text.end(), is_word) &&
         std::find(std::begin(kTaken), std::end(kTaken), text) == std::end(kTaken);
}

std::string scalar(std::string_view text) { return is_plain(text) ? std::string(text) : json::text(text); }

bool is_block(const element& value) {
  simdjson::dom::object object;
  simdjson::dom::array array;
  if (!value.get(object)) return object.size() > 0;
  return !value.get(array) && array.size() > 0;
}

// `first`: what comes before the first line instead of its indentation.
void write(std::string& out, const element& value, std::size_t indent, std::string first);

void write_flow(std::string& out, const element& value) {
  std::string_view text;
  out += value.get(text) ? std::string(simdjson::minify(value)) : scalar(text);
  out += '\n';
}

void write(std::string& out, const element& value, std::size_t indent, std::string first) {
  const std::string margin(indent, ' ');
  if (value.type() == element_type::OBJECT) {
    for (const auto& [key, member] : simdjson::dom::object(value)) {
      out += first + scalar(key) + ':';
      first = margin;
      out += is_block(member) ? '\n' : ' ';
      if (is_block(member)) {
        write(out, member, indent + 2, margin + "  ");
      } else {
        write_flow(out, member);
      }
    }
    return;
  }
  for (const element item : simdjson::dom::array(value)) {
    out += first + "- ";
    first = margin;
    if (is_block(item)) {
      write(out, item, indent + 2, "");
    } else {
      write_flow(out, item);
    }
  }
}

}  // namespace

std::string yaml_of(const std::string& json) {
  simdjson::dom::parser parser;
  element root;
  std::string out;
  if (!parser.parse(json).get(root)) write(out, root, 0, "");
  return out;
}

}  // namespace gateway::app
