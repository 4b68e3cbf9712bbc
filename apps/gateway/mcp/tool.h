// What a tool is: its description for agents, and the function that is called. Nothing here knows what a gateway is.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/result.h"

namespace gateway::app::mcp {

enum class Type : std::uint8_t { text, whole, texts, object };

// An argument of a tool.
struct Input {
  std::string_view name;
  Type type;
  std::string_view help{};
  bool required = false;
  std::string_view choices{};                // "cost|requests"; empty: any. Of a list: of its items.
  std::int64_t least = 0, most = INT64_MAX;  // of a number; of a list: how many items at most
};

// A member of a tool's answer.
struct Output {
  std::string_view name;
  std::string_view type;  // as in JSON Schema: "string", "integer", "boolean", "object", "array" (of objects)
  bool optional = false;  // it may be missing or null
};

// The arguments of one call, each of which is one of the tool's inputs.
class Arguments {
 public:
  // Errors: invalid, "name: expected ..., found ...".
  static Result<Arguments> read(std::span<const Input> inputs, const std::optional<simdjson::dom::object>& object);

  std::optional<std::string> text(std::string_view name) const;  // of an object: its JSON
  std::int64_t whole(std::string_view name, std::int64_t otherwise) const;
  std::optional<std::int64_t> whole(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::string names() const;      // "project,since", for the log
  std::string canonical() const;  // all but kConfirm, as text: the same for the same arguments in any order
  static constexpr std::string_view kConfirm = "confirm_token";

 private:
  struct Value {
    std::string_view name;
    std::vector<std::string> texts;
    std::int64_t number = 0;
  };
  const Value* find(std::string_view name) const;
  std::vector<Value> values_;  // in the order of the inputs
};

struct ToolAnswer {
  std::string structured{};  // a JSON object; empty: `text` alone
  std::string text{};        // empty: `structured`
  bool is_error = false;
  std::string audit{};  // what was changed, for the log; empty: nothing
};
ToolAnswer failed(std::string text);

struct Tool {
  std::string_view name, title, description;
  std::span<const Input> inputs;
  std::span<const Output> outputs;
  std::function<ToolAnswer(const Arguments&)> call;
  bool read_only = true;
  bool destructive = false;
  bool idempotent = true;
};

// {"name":...,"title":...,"description":...,"inputSchema":...,"outputSchema":...,"annotations":...}
std::string tool_json(const Tool& tool);

}  // namespace gateway::app::mcp
