#include <simdjson.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "providers/anthropic_parts.h"
#include "providers/schema_writing.h"
#include "wire/json/members.h"

namespace gateway::anthropic {
namespace {

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

class AnthropicSchemaWriting final : public SchemaWriting {
 public:
  explicit AnthropicSchemaWriting(std::string& out) : SchemaWriting(out) {}

 private:
  void schema(const element& value) override {
    object members;
    if (value.get(members) != simdjson::SUCCESS) return raw(value);
    std::string words;
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
        put_in_words(words, key, member);
      } else if (key != "additionalProperties" && key != "$schema") {
        this->member(key, member);
      }
    }
    if (is_object) json::append_json(out_, "additionalProperties", "false");
    describe(description, words);
    out_ += '}';
  }

  void member(std::string_view name, const element& value) {
    key(name == "oneOf" ? std::string_view("anyOf") : name);
    if (holds_named_schemas(name) && named_schemas(value)) return;
    if ((name == "oneOf" || name == "anyOf" || name == "allOf") && schemas(value)) return;
    return name == "items" ? schema(value) : raw(value);
  }
};

// The root of a tool's schema: properties of alternatives become its own, and what is said of them becomes words.
class ToolSchemaWriting final : public SchemaWriting {
 public:
  explicit ToolSchemaWriting(std::string& out) : SchemaWriting(out) {}

 private:
  struct Properties {
    std::vector<std::pair<std::string_view, element>> all;  // in their order
    std::set<std::string_view> names;
  };

  void schema(const element& value) override {
    object members;
    if (value.get(members) != simdjson::SUCCESS) return raw(value);
    std::string words;
    std::string_view description;
    Properties properties;
    collect(members, properties);
    out_ += '{';
    json::append_text(out_, "type", "object");
    for (const auto& [key, member] : members) {
      if (key == "description" && member.get(description) == simdjson::SUCCESS) continue;
      if (is_one_of(key, kAlternatives)) {
        put_in_words(words, key, member);
      } else if (key != "type" && key != "properties") {
        this->key(key);
        raw(member);
      }
    }
    json::append_json(out_, "properties", "{");
    for (const auto& [name, property] : properties.all) {
      key(name);
      raw(property);
    }
    out_ += '}';
    describe(description, words);
    out_ += '}';
  }

  static void collect(const object& schema, Properties& out) {
    object own;
    if (schema["properties"].get(own) == simdjson::SUCCESS) {
      for (const auto& [name, property] : own) {
        if (out.names.insert(name).second) out.all.emplace_back(name, property);
      }
    }
    for (const std::string_view key : kAlternatives) {
      simdjson::dom::array all;
      object each;
      if (schema[key].get(all) != simdjson::SUCCESS) continue;
      for (const element one : all) {
        if (one.get(each) == simdjson::SUCCESS) collect(each, out);
      }
    }
  }

  static constexpr std::array<std::string_view, 3> kAlternatives{"anyOf", "oneOf", "allOf"};
};

}  // namespace

void append_tool_schema(std::string& out, std::string_view schema) {
  simdjson::dom::parser parser;
  object root;
  const bool is_plain = parser.parse(schema.data(), schema.size()).get(root) != simdjson::SUCCESS ||
                        (root["type"].error() == simdjson::SUCCESS && root["anyOf"].error() != simdjson::SUCCESS &&
                         root["oneOf"].error() != simdjson::SUCCESS && root["allOf"].error() != simdjson::SUCCESS);
  is_plain ? void(out += schema) : void(ToolSchemaWriting(out).write(schema));
}

bool append_strict_schema(std::string& out, std::string_view schema) {
  return AnthropicSchemaWriting(out).write(schema);
}

}  // namespace gateway::anthropic
