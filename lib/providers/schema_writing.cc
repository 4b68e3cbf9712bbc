#include "providers/schema_writing.h"

#include "wire/json/members.h"
#include "wire/json/text.h"

namespace gateway {

bool SchemaWriting::write(std::string_view text) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return out_ += text, false;
  schema(root);
  return has_words_;
}

void SchemaWriting::key(std::string_view name) {
  json::append_comma(out_);
  append_json_string(out_, name);
  out_ += ':';
}

bool SchemaWriting::named_schemas(const element& value) {
  simdjson::dom::object members;
  if (value.get(members) != simdjson::SUCCESS) return false;
  out_ += '{';
  for (const auto& [name, inner] : members) {
    key(name);
    schema(inner);
  }
  out_ += '}';
  return true;
}

bool SchemaWriting::schemas(const element& value) {
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS) return false;
  out_ += '[';
  for (const element each : list) {
    json::append_comma(out_);
    schema(each);
  }
  out_ += ']';
  return true;
}

void SchemaWriting::put_in_words(std::string& words, std::string_view keyword, const element& value) {
  words.append(words.empty() ? "" : ", ").append(keyword).append(": ").append(simdjson::minify(value));
}

void SchemaWriting::describe(std::string_view description, const std::string& words) {
  has_words_ |= !words.empty();
  if (description.empty() && words.empty()) return;
  std::string text(description);
  if (!words.empty()) text.append(text.empty() ? "" : " ").append("(").append(words).append(")");
  json::append_text(out_, "description", text);
}

}  // namespace gateway
