#include "app/mcp/tool.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/render/json.h"
#include "base/nearest.h"

namespace gateway::app::mcp {
namespace {

using simdjson::dom::element;

std::vector<std::string_view> words_of(std::string_view choices) {
  std::vector<std::string_view> words;
  while (!choices.empty()) {
    const std::size_t bar = std::min(choices.find('|'), choices.size());
    words.push_back(choices.substr(0, bar));
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return words;
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& known) {
  const std::string_view near = nearest(word, known);
  return near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near);
}

std::string_view wanted(const Input& input) {
  switch (input.type) {
    case Type::text:
      return "a string";
    case Type::whole:
      return "a whole number";
    case Type::texts:
      return "a list of strings";
    case Type::object:
      return "an object";
  }
  return {};
}

constexpr std::size_t kMaxText = 1024;  // answers repeat what was asked

// What was found, no longer than a line shows.
std::string shown(element value) {
  constexpr std::size_t kMaxShown = 80;
  std::string text = simdjson::minify(value);
  if (text.size() > kMaxShown) text = text.substr(0, kMaxShown) + "...";
  return text;
}

Error unexpected(const Input& input, std::string_view what, std::string_view found) {
  return {ErrorCode::invalid, fmt::format("{}: expected {}, found {}", input.name, what, found)};
}

Result<void> take_word(const Input& input, std::string_view word, std::vector<std::string>& into) {
  const auto known = words_of(input.choices);
  if (!known.empty() && std::find(known.begin(), known.end(), word) == known.end()) {
    std::string list;
    for (const std::string_view each : known) list.append(list.empty() ? "" : ", ").append(each);
    return unexpected(input, "one of " + list, fmt::format("'{}'{}", word, suggestion(word, known)));
  }
  into.emplace_back(word);
  return {};
}

Result<void> take_texts(const Input& input, element value, std::vector<std::string>& into) {
  std::string_view word;
  if (!value.get(word)) return take_word(input, word, into);
  simdjson::dom::array items;
  if (value.get(items)) return unexpected(input, wanted(input), shown(value));
  if (static_cast<std::int64_t>(items.size()) > input.most)
    return unexpected(input, fmt::format("at most {} items", input.most), std::to_string(items.size()));
  for (const element item : items) {
    if (item.get(word)) return unexpected(input, wanted(input), shown(value));
    if (auto taken = take_word(input, word, into); !taken) return taken;
  }
  return {};
}

Result<void> take(const Input& input, element value, std::vector<std::string>& texts, std::int64_t& number) {
  std::string_view text;
  switch (input.type) {
    case Type::text:
      if (value.get(text)) return unexpected(input, wanted(input), shown(value));
      if (text.size() > kMaxText)
        return unexpected(input, fmt::format("at most {} bytes", kMaxText), std::to_string(text.size()));
      return take_word(input, text, texts);
    case Type::texts:
      return take_texts(input, value, texts);
    case Type::object:
      if (!value.is_object()) return unexpected(input, wanted(input), shown(value));
      texts.push_back(simdjson::minify(value));
      return {};
    case Type::whole:
      if (value.get(number) || number < input.least || number > input.most) {
        return unexpected(input,
                          input.most == INT64_MAX
                              ? fmt::format("a whole number, at least {}", input.least)
                              : fmt::format("a whole number from {} to {}", input.least, input.most),
                          shown(value));
      }
      return {};
  }
  return {};
}

std::string choices_json(std::string_view choices) {
  std::vector<std::string> words;
  for (const std::string_view word : words_of(choices)) words.push_back(json::text(word));
  return json::list(words);
}

std::string schema_of(const Input& input) {
  json::Object schema;
  if (input.type == Type::texts) {
    json::Object items;
    items.add("type", json::text("string"));
    if (!input.choices.empty()) items.add("enum", choices_json(input.choices));
    schema.add("type", json::text("array")).add("items", items.str());
    if (input.most != INT64_MAX) schema.add("maxItems", json::number(input.most));
  } else {
    schema.add("type", json::text(input.type == Type::whole    ? "integer"
                                  : input.type == Type::object ? "object"
                                                               : "string"));
    if (!input.choices.empty()) schema.add("enum", choices_json(input.choices));
    if (input.type == Type::whole) {
      schema.add("minimum", json::number(input.least));
      if (input.most != INT64_MAX) schema.add("maximum", json::number(input.most));
    }
  }
  if (!input.help.empty()) schema.add("description", json::text(input.help));
  return schema.str();
}

std::string input_schema(std::span<const Input> inputs) {
  json::Object properties;
  std::vector<std::string> required;
  for (const Input& input : inputs) {
    properties.add(input.name, schema_of(input));
    if (input.required) required.push_back(json::text(input.name));
  }
  json::Object schema;
  schema.add("type", json::text("object")).add("properties", properties.str());
  if (!required.empty()) schema.add("required", json::list(required));
  return schema.add("additionalProperties", json::boolean(false)).str();
}

std::string output_schema(std::span<const Output> outputs) {
  json::Object properties;
  std::vector<std::string> required;
  for (const Output& output : outputs) {
    json::Object schema;
    const std::string type = json::text(output.type);
    schema.add("type", output.optional ? "[" + type + ",\"null\"]" : type);
    if (output.type == "array") schema.add("items", R"({"type":"object"})");
    properties.add(output.name, schema.str());
    if (!output.optional) required.push_back(json::text(output.name));
  }
  return json::Object()
      .add("type", json::text("object"))
      .add("properties", properties.str())
      .add("required", json::list(required))
      .str();
}

}  // namespace

Result<Arguments> Arguments::read(std::span<const Input> inputs, const std::optional<simdjson::dom::object>& object) {
  Arguments arguments;
  std::vector<std::string_view> known;
  for (const Input& input : inputs) known.push_back(input.name);
  if (object) {
    for (const auto& [name, value] : *object) {
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        std::string list;
        for (const std::string_view each : known) list.append(list.empty() ? "" : ", ").append(each);
        return Error{ErrorCode::invalid,
                     fmt::format("{}: this tool has no such argument{}; expected {}", name.substr(0, 64),
                                 suggestion(name, known), list.empty() ? "none" : list)};
      }
    }
  }
  for (const Input& input : inputs) {
    element value;
    const bool is_there = object && !object->at_key(input.name).get(value) && !value.is_null();
    if (!is_there) {
      if (!input.required) continue;
      return Error{ErrorCode::invalid, fmt::format("{}: expected {}, found nothing", input.name, wanted(input))};
    }
    Value read{input.name, {}, 0};
    if (auto taken = take(input, value, read.texts, read.number); !taken) return std::move(taken).error();
    arguments.values_.push_back(std::move(read));
  }
  return arguments;
}

const Arguments::Value* Arguments::find(std::string_view name) const {
  const auto found =
      std::find_if(values_.begin(), values_.end(), [name](const Value& value) { return value.name == name; });
  return found == values_.end() ? nullptr : &*found;
}

std::optional<std::string> Arguments::text(std::string_view name) const {
  const Value* value = find(name);
  if (value == nullptr || value->texts.empty()) return std::nullopt;
  return value->texts.front();
}

std::optional<std::int64_t> Arguments::whole(std::string_view name) const {
  const Value* value = find(name);
  if (value == nullptr) return std::nullopt;
  return value->number;
}

std::int64_t Arguments::whole(std::string_view name, std::int64_t otherwise) const {
  return whole(name).value_or(otherwise);
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
  const Value* value = find(name);
  return value == nullptr ? std::vector<std::string>{} : value->texts;
}

std::string Arguments::names() const {
  std::string list;
  for (const Value& value : values_) list.append(list.empty() ? "" : ",").append(value.name);
  return list;
}

std::string Arguments::canonical() const {
  json::Object all;
  for (const Value& value : values_) {
    if (value.name == kConfirm) continue;
    std::vector<std::string> texts;
    for (const std::string& text : value.texts) texts.push_back(json::text(text));
    all.add(value.name, texts.empty() ? json::number(value.number) : json::list(texts));
  }
  return all.str();
}

ToolAnswer failed(std::string text) {
  ToolAnswer answer;
  answer.text = std::move(text);
  answer.is_error = true;
  return answer;
}

std::string tool_json(const Tool& tool) {
  json::Object annotations;
  annotations.add("readOnlyHint", json::boolean(tool.read_only));
  if (!tool.read_only) annotations.add("destructiveHint", json::boolean(tool.destructive));
  annotations.add("idempotentHint", json::boolean(tool.idempotent)).add("openWorldHint", json::boolean(false));
  return json::Object()
      .add("name", json::text(tool.name))
      .add("title", json::text(tool.title))
      .add("description", json::text(tool.description))
      .add("inputSchema", input_schema(tool.inputs))
      .add("outputSchema", output_schema(tool.outputs))
      .add("annotations", annotations.str())
      .str();
}

}  // namespace gateway::app::mcp
