#include <simdjson.h>

#include <algorithm>
#include <array>

#include "providers/anthropic_parts.h"
#include "wire/json/members.h"
#include "wire/json/text.h"

namespace gateway::anthropic {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) noexcept {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_refused_keyword(std::string_view key, const element& value) noexcept {
  static constexpr std::array<std::string_view, 15> kRefused{
      "minimum",   "maximum",       "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
      "minLength", "maxLength",     "pattern",          "maxItems",         "uniqueItems",
      "not",       "minProperties", "maxProperties",    "contains",         "propertyNames"};
  static constexpr std::array<std::string_view, 10> kFormats{"date-time", "time", "date", "duration", "email",
                                                             "hostname",  "uri",  "ipv4", "ipv6",     "uuid"};
  if (key == "minItems") {
    std::int64_t least = 0;
    return value.get(least) != simdjson::SUCCESS || least > 1;
  }
  std::string_view format;
  if (key == "format") return value.get(format) != simdjson::SUCCESS || !is_one_of(format, kFormats);
  return is_one_of(key, kRefused);
}

// Members whose members are schemas, by names of the user's own.
bool holds_named_schemas(std::string_view key) noexcept {
  return key == "properties" || key == "$defs" || key == "definitions";
}

class SchemaWriting {
 public:
  explicit SchemaWriting(std::string& out) : out_(out) {}

  void schema(const element& value) {
    object members;
    if (value.get(members) != simdjson::SUCCESS) return raw(value);
    std::string moved;  // keywords that the model is at least to read
    std::string_view description;
    bool is_object = false;
    out_ += '{';
    for (const auto& [key, member] : members) {
      std::string_view text;
      const bool is_text = member.get(text) == simdjson::SUCCESS;
      is_object |= (key == "type" && is_text && text == "object") || key == "properties";
      if (key == "description" && is_text) {
        description = text;
      } else if (is_refused_keyword(key, member)) {
        moved.append(moved.empty() ? "" : ", ").append(key).append(": ").append(simdjson::minify(member));
      } else if (key != "additionalProperties" && key != "$schema") {
        this->member(key, member);
      }
    }
    if (is_object) json::append_json(out_, "additionalProperties", "false");
    describe(description, moved);
    out_ += '}';
    changed_ |= !moved.empty();
  }
  bool changed() const noexcept { return changed_; }

 private:
  void raw(const element& value) { out_ += simdjson::minify(value); }

  void key(std::string_view name) {
    json::append_comma(out_);
    append_json_string(out_, name);
    out_ += ':';
  }

  void member(std::string_view name, const element& value) {
    key(name == "oneOf" ? std::string_view("anyOf") : name);
    object named;
    array list;
    if (holds_named_schemas(name) && value.get(named) == simdjson::SUCCESS) {
      out_ += '{';
      for (const auto& [each, inner] : named) {
        key(each);
        schema(inner);
      }
      out_ += '}';
    } else if (name == "items") {
      schema(value);
    } else if ((name == "oneOf" || name == "anyOf" || name == "allOf") && value.get(list) == simdjson::SUCCESS) {
      out_ += '[';
      for (const element each : list) {
        json::append_comma(out_);
        schema(each);
      }
      out_ += ']';
    } else {
      raw(value);
    }
  }

  void describe(std::string_view description, const std::string& moved) {
    if (description.empty() && moved.empty()) return;
    std::string text(description);
    if (!moved.empty()) text.append(text.empty() ? "" : " ").append("(").append(moved).append(")");
    json::append_text(out_, "description", text);
  }

  std::string& out_;
  bool changed_ = false;
};

}  // namespace

bool append_strict_schema(std::string& out, std::string_view schema) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(schema.data(), schema.size()).get(root) != simdjson::SUCCESS) return out += schema, false;
  SchemaWriting writing(out);
  writing.schema(root);
  return writing.changed();
}

}  // namespace gateway::anthropic
