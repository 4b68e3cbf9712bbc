// A JSON Schema for a provider that knows a part of that language: what its writers have in common. For .cc files of
// this folder.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

namespace gateway {

class SchemaWriting {
 public:
  using element = simdjson::dom::element;

  // Appends the schema; one that is no JSON as it came. Returns whether something of it became words.
  bool write(std::string_view schema);

 protected:
  explicit SchemaWriting(std::string& out) : out_(out) {}
  ~SchemaWriting() = default;

  virtual void schema(const element& value) = 0;

  void raw(const element& value) { out_ += simdjson::minify(value); }
  void key(std::string_view name);
  // Members that are schemas, by names of the user's own; false: the value is no object.
  bool named_schemas(const element& value);
  // A list of schemas; false: the value is no list.
  bool schemas(const element& value);
  // A keyword that the provider does not know: the model is at least to read it.
  static void put_in_words(std::string& words, std::string_view keyword, const element& value);
  void describe(std::string_view description, const std::string& words);

  std::string& out_;

 private:
  bool has_words_ = false;
};

}  // namespace gateway
