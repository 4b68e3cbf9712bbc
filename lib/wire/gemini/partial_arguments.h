// The arguments of a tool call that come one value at a time, each with the JSON path of its place.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::gemini {

class PartialArguments {
 public:
  // An element of `partialArgs`: {"jsonPath": "$.a.b[0]", "stringValue": "...", ...}. What comes for a text that is
  // there already continues it. A path that is none is left out.
  void add(const simdjson::dom::object& piece);
  // All of them as one JSON object.
  std::string json() const;
  std::size_t size() const noexcept { return size_; }

 private:
  struct Step {
    std::string name;
    bool is_index = false;
    friend bool operator==(const Step&, const Step&) = default;
  };
  struct Value {
    std::vector<Step> path;
    std::string text;  // of a string; else JSON
    bool is_string = false;
  };
  static bool split(std::string_view path, std::vector<Step>& out);
  static void append(std::string& out, const std::vector<const Value*>& values, std::size_t depth);

  std::vector<Value> values_;
  std::size_t size_ = 0;
};

}  // namespace gateway::gemini
