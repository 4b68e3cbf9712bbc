#include "app/render/answers/field.h"

#include "app/render/json.h"

namespace gateway::app::answers {
namespace {

using json::Object;

std::string_view type_of(Kind kind) {
  switch (kind) {
    case Kind::whole:
      return "integer";
    case Kind::number:
      return "number";
    case Kind::flag:
      return "boolean";
    case Kind::object:
      return "object";
    case Kind::text:
    case Kind::money:
    case Kind::time:
    case Kind::length:
      break;
  }
  return "string";
}

std::string reference(const Shape& shape) {
  return Object().add("$ref", json::text("#/components/schemas/" + std::string(shape.name))).str();
}

// `nullable`: or null.
Object plain_schema(const Field& field, bool nullable) {
  Object schema;
  const std::string type = json::text(type_of(field.kind));
  schema.add("type", nullable ? json::list({type, json::text("null")}) : type);
  if (field.kind == Kind::money) schema.add("pattern", json::text(R"(^-?[0-9]+(\.[0-9]+)?$)"));
  if (field.kind == Kind::time) schema.add("format", json::text("date-time"));
  if (field.kind == Kind::length) schema.add("pattern", json::text("^[0-9]+(ms|s)$"));
  if (field.choices != nullptr) {
    std::vector<std::string> words;
    for (const std::string_view word : field.choices()) words.push_back(json::text(word));
    if (nullable) words.push_back(json::null());
    schema.add("enum", json::list(words));
  }
  return schema;
}

Object several(Many many, const std::string& each, bool nullable) {
  const std::string type = json::text(many == Many::list ? "array" : "object");
  return Object()
      .add("type", nullable ? json::list({type, json::text("null")}) : type)
      .add(many == Many::list ? "items" : "additionalProperties", each);
}

Object reference_schema(const Shape& shape, Many many, bool nullable) {
  if (many != Many::one) return several(many, reference(shape), nullable);
  if (nullable) return Object().add("anyOf", json::list({reference(shape), R"({"type":"null"})"}));
  return Object().add("$ref", json::text("#/components/schemas/" + std::string(shape.name)));
}

std::string field_schema(const Field& field) {
  Object schema = field.shape != nullptr    ? reference_schema(*field.shape, field.many, field.nullable)
                  : field.many == Many::one ? plain_schema(field, field.nullable)
                                            : several(field.many, plain_schema(field, false).str(), field.nullable);
  if (field.kind == Kind::money) return schema.add("description", json::text(std::string(field.help) + " (USD)")).str();
  return schema.add("description", json::text(field.help)).str();
}

}  // namespace

std::string shape_schema(const Shape& shape) {
  Object properties;
  std::vector<std::string> required;
  for (const auto fields : {shape.fields, shape.more}) {
    for (const Field& field : fields) {
      properties.add(field.name, field_schema(field));
      if (!field.optional) required.push_back(json::text(field.name));
    }
  }
  Object schema;
  schema.add("type", json::text("object"))
      .add("description", json::text(shape.help))
      .add("properties", properties.str());
  if (!required.empty()) schema.add("required", json::list(required));
  return schema.str();
}

std::string reference_to(const Shape& shape, Many many, bool nullable) {
  return reference_schema(shape, many, nullable).str();
}

}  // namespace gateway::app::answers
