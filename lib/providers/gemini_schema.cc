#include <simdjson.h>

#include <algorithm>

#include "providers/gemini_parts.h"
#include "providers/schema_writing.h"
#include "wire/json/members.h"
#include "wire/json/text.h"

namespace gateway::gemini {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// What `parametersJsonSchema` and `responseJsonSchema` take of JSON Schema.
constexpr std::string_view kKnown[] = {"$id",
                                       "$anchor",
                                       "$ref",
                                       "$defs",
                                       "type",
                                       "format",
                                       "title",
                                       "description",
                                       "enum",
                                       "items",
                                       "minItems",
                                       "maxItems",
                                       "minimum",
                                       "maximum",
                                       "anyOf",
                                       "prefixItems",
                                       "properties",
                                       "required",
                                       "oneOf",
                                       "default",
                                       "nullable",
                                       "propertyOrdering",
                                       "additionalProperties"};
constexpr std::string_view kSilent[] = {"$schema", "$comment", "examples", "example", "deprecated", "readOnly"};

template <std::size_t N>
bool is_in(std::string_view text, const std::string_view (&words)[N]) noexcept {
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

class GeminiSchemaWriting final : public SchemaWriting {
 public:
  explicit GeminiSchemaWriting(std::string& out) : SchemaWriting(out) {}

 private:
  void schema(const element& value) override {
    object members;
    if (value.get(members) != simdjson::SUCCESS) return raw(value);
    // Beside "$ref" Google takes no other keywords of a schema.
    const bool refers = members["$ref"].error() == simdjson::SUCCESS;
    const auto is_known = [refers](std::string_view key) {
      return is_in(key, kKnown) && (!refers || key.starts_with('$') || key == "default");
    };
    std::string words;
    std::string_view description;
    out_ += '{';
    for (const auto& [key, member] : members) {
      std::string_view text;
      if (key == "description" && member.get(text) == simdjson::SUCCESS) {
        description = text;
      } else if (key == "const" && !refers) {
        json::append_json(out_, "enum", "[");
        raw(member);
        out_ += ']';
      } else if (key == "definitions") {
        this->member("$defs", member);
      } else if (array all; key == "allOf" && member.get(all) == simdjson::SUCCESS && all.size() == 1) {
        this->member("anyOf", member);
      } else if (is_known(key)) {
        this->member(key, member);
      } else if (!is_in(key, kSilent) && key != "title") {
        put_in_words(words, key, member);
      }
    }
    describe(description, words);
    out_ += '}';
  }

  void member(std::string_view name, const element& value) {
    static constexpr std::string_view kOldPlace = "#/definitions/";
    key(name);
    std::string_view text;
    if ((name == "properties" || name == "$defs") && named_schemas(value)) return;
    if ((name == "anyOf" || name == "oneOf" || name == "prefixItems") && schemas(value)) return;
    if (name == "$ref" && value.get(text) == simdjson::SUCCESS && text.starts_with(kOldPlace)) {
      return append_json_string(out_, "#/$defs/" + std::string(text.substr(kOldPlace.size())));
    }
    return name == "items" || name == "additionalProperties" ? schema(value) : raw(value);
  }
};

}  // namespace

bool append_schema(std::string& out, std::string_view schema) { return GeminiSchemaWriting(out).write(schema); }

bool is_empty_schema(std::string_view schema) {
  if (schema.empty()) return true;
  simdjson::dom::parser parser;
  object root, properties;
  if (parser.parse(schema.data(), schema.size()).get(root) != simdjson::SUCCESS) return true;
  if (root["properties"].get(properties) == simdjson::SUCCESS) return properties.size() == 0;
  return std::none_of(root.begin(), root.end(), [](const auto& member) {
    return member.key == "$ref" || member.key == "anyOf" || member.key == "oneOf" || member.key == "allOf" ||
           member.key == "additionalProperties";
  });
}

}  // namespace gateway::gemini
