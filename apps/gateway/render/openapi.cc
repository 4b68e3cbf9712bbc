#include "app/render/openapi.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "app/render/answers/answers.h"
#include "app/render/json.h"
#include "app/render/yaml.h"
#include "operations/catalogue.h"

namespace gateway::app {
namespace {

using json::Object;
using operations::Answer;
using operations::In;
using operations::OperationInfo;
using operations::Parameter;
using operations::Type;

std::string reference(std::string_view kind, std::string_view name) {
  return Object().add("$ref", json::text("#/components/" + std::string(kind) + "/" + std::string(name))).str();
}

// Without defaults for a body that changes what is there: what it leaves out stays, and no client may fill it in.
enum class Defaults : std::uint8_t { said, left_out };
std::string object_schema(std::span<const Parameter> members, Defaults defaults);

std::string typed(std::string_view type) { return Object().add("type", json::text(type)).str(); }

// The type, or the type and null.
void add_type(Object& schema, std::string_view type, bool nullable) {
  schema.add("type", nullable ? json::list({json::text(type), json::text("null")}) : json::text(type));
}

std::string items_schema(const Parameter& parameter) {
  if (!parameter.members().empty()) return object_schema(parameter.members(), Defaults::said);
  if (parameter.unit == "percent")
    return Object().add("type", json::text("integer")).add("minimum", "1").add("maximum", "100").str();
  return Object().add("type", json::text("string")).str();
}

// In a query a list is a text, its items separated by commas; what may be repeated is an array of texts.
std::string schema_of(const Parameter& parameter, Defaults defaults = Defaults::said) {
  if (parameter.type == Type::object) return object_schema(parameter.members(), defaults);
  Object schema;
  if (parameter.type == Type::count) {
    add_type(schema, "integer", parameter.nullable);
    schema.add("minimum", "1");
    if (parameter.name == "limit") schema.add("maximum", "10000");
  } else if (parameter.repeated || (parameter.type == Type::list && parameter.in == In::body)) {
    schema.add("type", json::text("array")).add("items", items_schema(parameter));
  } else {
    add_type(schema, "string", parameter.nullable);
  }
  if (!parameter.choices.empty()) {
    std::vector<std::string> choices;
    for (std::string_view left = parameter.choices; !left.empty();) {
      const std::string_view choice = left.substr(0, left.find('|'));
      left.remove_prefix(std::min(left.size(), choice.size() + 1));
      choices.push_back(json::text(choice));
    }
    schema.add("enum", json::list(choices));
  }
  if (!parameter.default_value.empty() && defaults == Defaults::said) {
    schema.add("default", parameter.type == Type::count ? std::string(parameter.default_value)
                                                        : json::text(parameter.default_value));
  }
  return schema.str();
}

std::string described_schema(const Parameter& parameter, Defaults defaults) {
  std::string help(parameter.help);
  if (!parameter.unit.empty()) help += " (" + std::string(parameter.unit) + ")";
  std::string schema = schema_of(parameter, defaults);
  schema.pop_back();
  return schema + ",\"description\":" + json::text(help) + "}";
}

std::string object_schema(std::span<const Parameter> members, Defaults defaults) {
  Object properties;
  std::vector<std::string> required;
  for (const Parameter& member : members) {
    properties.add(member.name, described_schema(member, defaults));
    if (member.required) required.push_back(json::text(member.name));
  }
  Object schema;
  schema.add("type", json::text("object")).add("properties", properties.str());
  if (!required.empty()) schema.add("required", json::list(required));
  return schema.add("additionalProperties", json::boolean(false)).str();
}

std::string_view place_of(In in) {
  switch (in) {
    case In::path:
      return "path";
    case In::query:
      return "query";
    case In::header:
      return "header";
    case In::body:
      break;
  }
  return "";
}

std::string parameter_json(const Parameter& parameter) {
  return Object()
      .add("name", json::text(parameter.name))
      .add("in", json::text(place_of(parameter.in)))
      .add("description", json::text(parameter.help))
      .add("required", json::boolean(parameter.required))
      .add("schema", schema_of(parameter))
      .str();
}

std::string content(const std::string& schema) {
  return Object().add("application/json", Object().add("schema", schema).str()).str();
}

// {"data": ...}, with the cursor of a list that goes on, and that it was truncated.
std::string answer_schema(const OperationInfo& operation) {
  if (operation.answer == Answer::document) return typed("object");
  const answers::Data& data = answers::data_of(operation.id);
  Object properties;
  properties.add("data", answers::reference_to(*data.shape, data.many, data.nullable));
  if (operation.answer == Answer::list) properties.add("next", reference("schemas", "Next"));
  properties.add("note", reference("schemas", "Note"));
  return Object()
      .add("type", json::text("object"))
      .add("properties", properties.str())
      .add("required", R"(["data"])")
      .str();
}

// The document's own shapes name what each event or line has.
std::string lines_schema(const OperationInfo& operation) {
  const std::string help = "Each has a " + std::string(answers::data_of(operation.id).shape->name) + " as JSON.";
  return Object()
      .add("schema", Object().add("type", json::text("string")).add("description", json::text(help)).str())
      .str();
}

std::string responses(const OperationInfo& operation) {
  Object types;
  if (operation.answer == Answer::events) {
    types.add("text/event-stream", lines_schema(operation));
  } else {
    types.add("application/json", Object().add("schema", answer_schema(operation)).str());
  }
  for (const Parameter& each : operation.parameters) {
    if (each.name == "format" && each.choices.ends_with("|jsonl"))
      types.add("application/jsonl", lines_schema(operation));
  }
  const std::string answer = Object().add("description", json::text("Done.")).add("content", types.str()).str();
  return Object().add(std::to_string(operation.status), answer).add("default", reference("responses", "Error")).str();
}

std::string operation_json(const OperationInfo& operation) {
  std::vector<std::string> parameters;
  std::vector<Parameter> members;
  const bool is_change = operation.method == "PATCH";
  bool is_body_required = is_change;
  for (const Parameter& parameter : operation.parameters) {
    if (parameter.in != In::body) {
      parameters.push_back(parameter_json(parameter));
      continue;
    }
    members.push_back(parameter);
    is_body_required = is_body_required || parameter.required;
  }
  Object out;
  out.add("operationId", json::text(operation.name))
      .add("summary", json::text(operation.summary))
      .add("x-access", json::text(to_string(operation.access)));
  if (!parameters.empty()) out.add("parameters", json::list(parameters));
  if (members.size() == 1 && members.front().type == Type::document) {
    out.add("requestBody", Object()
                               .add("description", json::text(members.front().help))
                               .add("required", json::boolean(false))
                               .add("content", content(typed("object")))
                               .str());
  } else if (!members.empty()) {
    out.add("requestBody",
            Object()
                .add("required", json::boolean(is_body_required))
                .add("content", content(object_schema(members, is_change ? Defaults::left_out : Defaults::said)))
                .str());
  }
  return out.add("responses", responses(operation)).str();
}

std::string paths() {
  std::vector<std::pair<std::string, Object>> by_path;
  for (const OperationInfo& operation : operations::operations()) {
    const std::string path = "/admin/v1/" + std::string(operation.path);
    std::string method(operation.method);
    for (char& each : method) each = static_cast<char>(each - 'A' + 'a');
    auto found = by_path.begin();
    while (found != by_path.end() && found->first != path) ++found;
    if (found == by_path.end()) found = by_path.insert(found, {path, {}});
    found->second.add(method, operation_json(operation));
  }
  Object out;
  for (const auto& [path, methods] : by_path) out.add(path, methods.str());
  return out.str();
}

std::string schemas() {
  const std::string text_or_null = Object().add("type", json::list({json::text("string"), json::text("null")})).str();
  const std::string error = Object()
                                .add("message", typed("string"))
                                .add("type", typed("string"))
                                .add("param", text_or_null)
                                .add("code", text_or_null)
                                .add("metadata", typed("object"))
                                .str();
  const std::string error_object = Object()
                                       .add("type", json::text("object"))
                                       .add("properties", error)
                                       .add("required", R"(["message","type"])")
                                       .str();
  const auto described = [](std::string_view help) {
    return Object().add("type", json::text("string")).add("description", json::text(help)).str();
  };
  Object out;
  for (const answers::Shape* shape : answers::shapes()) out.add(shape->name, shape_schema(*shape));
  return out.add("Next", described("The cursor of what follows; absent at the end."))
      .add("Note", described("For people: why nothing was found, or that the list was truncated."))
      .add("Error", Object()
                        .add("type", json::text("object"))
                        .add("properties", Object().add("error", error_object).str())
                        .add("required", R"(["error"])")
                        .str())
      .str();
}

std::string components() {
  const std::string error = Object()
                                .add("description", json::text("It failed; `param` is what was wrong in the call."))
                                .add("content", content(reference("schemas", "Error")))
                                .str();
  const std::string token = Object()
                                .add("type", json::text("http"))
                                .add("scheme", json::text("bearer"))
                                .add("description", json::text("A token of the administration. Or a key of a project, "
                                                               "which reads what is that project's own."))
                                .str();
  return Object()
      .add("securitySchemes", Object().add("token", token).str())
      .add("responses", Object().add("Error", error).str())
      .add("schemas", schemas())
      .str();
}

}  // namespace

std::string openapi_json() {
  const std::string info =
      Object()
          .add("title", json::text("Model Gateway: administration"))
          .add("version", json::text("1"))
          .add("description", json::text("Calls need the configuration's admin token. Amounts of money are decimal "
                                         "strings in USD; times are RFC 3339 in UTC."))
          .str();
  return Object()
      .add("openapi", json::text("3.1.0"))
      .add("info", info)
      .add("security", R"([{"token":[]}])")
      .add("paths", paths())
      .add("components", components())
      .str();
}

std::string openapi_yaml() {
  return "# Made by `gateway help openapi` from the table of operations; a test compares both.\n" +
         yaml_of(openapi_json());
}

}  // namespace gateway::app
