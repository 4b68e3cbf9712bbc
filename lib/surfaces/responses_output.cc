#include "surfaces/responses_output.h"

#include "surfaces/openai_parts.h"
#include "wire/json/members.h"

namespace gateway::responses {
namespace {

using json::append_json;
using json::append_text;

void append_list(std::string& out, std::string_view key, std::string_view elements) {
  append_json(out, key, "[");
  out.append(elements).push_back(']');
}

}  // namespace

void append_part(std::string& out, const Part& part, std::string_view logprobs) {
  out += '{';
  append_text(out, "type", part.refusal ? "refusal" : "output_text");
  append_text(out, part.refusal ? "refusal" : "text", part.text);
  if (!part.refusal) {
    append_list(out, "annotations", part.annotations);
    append_list(out, "logprobs", logprobs);
  }
  out += '}';
}

void append_summary(std::string& out, std::string_view text) {
  out += '{';
  append_text(out, "type", "summary_text");
  append_text(out, "text", text);
  out += '}';
}

void append_item(std::string& out, const Item& item, std::string_view logprobs) {
  out += '{';
  append_text(out, "id", item.id);
  switch (item.kind) {
    case Item::Kind::reasoning:
      append_text(out, "type", "reasoning");
      append_json(out, "summary", "[");
      if (!item.text.empty()) append_summary(out, item.text);
      out += ']';
      if (!item.sealed.empty()) append_text(out, "encrypted_content", item.sealed);
      break;
    case Item::Kind::message:
      append_text(out, "type", "message");
      append_text(out, "role", "assistant");
      append_json(out, "content", "[");
      for (const Part& part : item.parts) {
        json::append_comma(out);
        append_part(out, part, logprobs);
      }
      out += ']';
      break;
    case Item::Kind::call:
      append_text(out, "type", item.custom ? "custom_tool_call" : "function_call");
      append_text(out, "call_id", item.call_id);
      append_text(out, "name", item.name);
      if (!item.space.empty()) append_text(out, "namespace", item.space);
      append_text(out, item.custom ? "input" : "arguments", item.text);
      if (!item.signature.empty()) openai::append_signature(out, item.signature);
      break;
  }
  append_text(out, "status", item.open ? "in_progress" : item.cut ? "incomplete" : "completed");
  out += '}';
}

std::string flattened(std::string_view annotation) {
  constexpr std::string_view kInner = "\"url_citation\":";
  const std::size_t at = annotation.find(kInner);
  const std::size_t begin = at == annotation.npos ? at : annotation.find('{', at + kInner.size());
  const std::size_t end = begin == annotation.npos ? begin : annotation.rfind('}', annotation.size() - 2);
  if (end == annotation.npos || end <= begin) return std::string(annotation);
  std::string out = R"({"type":"url_citation")";
  const std::string_view members = annotation.substr(begin + 1, end - begin - 1);
  if (members.find_first_not_of(" \t\r\n") != members.npos) out.append(",").append(members);
  return out += '}';
}

}  // namespace gateway::responses
