#include "wire/openai/chunk_writer.h"

#include <simdjson.h>

#include <string>
#include <string_view>

#include "wire/json/members.h"
#include "wire/json/text.h"
#include "wire/openai/error_body.h"

namespace gateway {
namespace {

using json::append_comma;
using simdjson::dom::element;

void append_json_member(std::string& out, std::string_view key, std::string_view json) {
  append_comma(out);
  append_json_string(out, key);
  out.append(":").append(json);
}

void append_tool_calls(std::string& out, element calls) {
  out += '[';
  int index = 0;
  const simdjson::dom::array list = calls.get_array().value_unsafe();
  for (const element call : list) {
    append_comma(out);
    out += '{';
    bool has_index = false;
    if (call.is_object()) {
      const simdjson::dom::object members = call.get_object().value_unsafe();
      for (const auto& [key, member] : members) {
        has_index |= key == "index";
        append_json_member(out, key, simdjson::minify(member));
      }
    }
    if (!has_index) append_json_member(out, "index", std::to_string(index));
    out += '}';
    ++index;
  }
  out += ']';
}

void append_delta(std::string& out, element message) {
  out += '{';
  const simdjson::dom::object members = message.get_object().value_unsafe();
  for (const auto& [key, member] : members) {
    if (key == "tool_calls" && member.is_array()) {
      append_json_member(out, key, {});
      append_tool_calls(out, member);
    } else {
      append_json_member(out, key, simdjson::minify(member));
    }
  }
  out += '}';
}

void append_choices(std::string& out, element choices) {
  out += '[';
  const simdjson::dom::array list = choices.get_array().value_unsafe();
  for (const element choice : list) {
    append_comma(out);
    out += '{';
    if (choice.is_object()) {
      const simdjson::dom::object members = choice.get_object().value_unsafe();
      for (const auto& [key, member] : members) {
        if (key == "delta") continue;
        if (key == "message" && member.is_object()) {
          append_json_member(out, "delta", {});
          append_delta(out, member);
        } else {
          append_json_member(out, key, simdjson::minify(member));
        }
      }
    }
    out += '}';
  }
  out += ']';
}

void append_event(std::string& out, std::string_view json) { out.append("data: ").append(json).append("\n\n"); }

}  // namespace

void append_chunks(std::string& out, const PaddedBuffer& document, bool with_usage) {
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  if (parser.parse(document.data(), document.size()).get_object().get(root) != simdjson::SUCCESS) return;
  std::string chunk = "{", last = "{", usage;
  for (const auto& [key, member] : root) {
    if (key == "object" || key == "error") continue;
    if (key == "usage") {
      usage = simdjson::minify(member);
    } else if (key == "choices" && member.is_array()) {
      append_json_member(chunk, key, {});
      append_choices(chunk, member);
    } else {
      append_json_member(chunk, key, simdjson::minify(member));
      if (key == "id" || key == "created" || key == "model") append_json_member(last, key, simdjson::minify(member));
    }
  }
  static constexpr std::string_view kObject = "\"chat.completion.chunk\"";
  append_json_member(chunk, "object", kObject);
  append_event(out, chunk + "}");
  if (!with_usage || usage.empty()) return;
  append_json_member(last, "object", kObject);
  append_event(out, last + ",\"choices\":[],\"usage\":" + usage + "}");
}

}  // namespace gateway
