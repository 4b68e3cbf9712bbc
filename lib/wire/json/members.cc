#include "wire/json/members.h"

#include "wire/json/text.h"

namespace gateway::json {

void append_key(std::string& out, std::string_view key) {
  append_comma(out);
  out.append("\"").append(key).append("\":");
}

void append_text(std::string& out, std::string_view key, std::string_view text) {
  append_key(out, key);
  append_json_string(out, text);
}

void append_json(std::string& out, std::string_view key, std::string_view json) {
  append_key(out, key);
  out += json;
}

void append_number(std::string& out, std::string_view key, std::int64_t number) {
  append_json(out, key, std::to_string(number));
}

}  // namespace gateway::json
