#include "surfaces/responses.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "surfaces/body_walk.h"
#include "wire/json/members.h"

namespace gateway {
namespace {

// What answers repeat of a request, and what they say where it has none of it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kRepeated{{
    {"background", "false"},
    {"instructions", "null"},
    {"max_output_tokens", "null"},
    {"max_tool_calls", "null"},
    {"metadata", "{}"},
    {"parallel_tool_calls", "true"},
    {"previous_response_id", "null"},
    {"prompt_cache_key", "null"},
    {"reasoning", R"({"effort":null,"summary":null})"},
    {"safety_identifier", "null"},
    {"temperature", "null"},
    {"text", R"({"format":{"type":"text"}})"},
    {"tool_choice", R"("auto")"},
    {"tools", "[]"},
    {"top_logprobs", "null"},
    {"top_p", "null"},
    {"truncation", R"("disabled")"},
    {"user", "null"},
}};

class ResponsesSurface final : public Surface {
 public:
  Shape shape() const noexcept override { return Shape::responses; }
  SurfaceKind kind() const noexcept override { return SurfaceKind::responses; }
  bool read(RequestReader& reader, const PaddedBuffer& body, std::string_view model_by_path, RequestFacts& facts,
            BadRequest& why) const override {
    if (!reader.read_response(body, facts, why, model_by_path)) return false;
    facts.repeated = repeated_settings(body, &facts);
    // Reasoning of other providers, sealed by this gateway, goes to none as it is.
    facts.is_mixed |= body.view().find("\"gateway:") != std::string_view::npos;
    return true;
  }
  Result<void> translate(const PaddedBuffer& body, ChatRequest& out) const override {
    return read_responses(body, out);
  }
  std::unique_ptr<AnswerWriter> open_writer(const RequestFacts& facts) const override {
    return make_responses_writer(facts.stream, facts.repeated);
  }
  void write_error(std::string& out, const ApiError& error) const override { append_error_body(out, error); }
  // Its number is no place in the sequence: SDKs (AI SDK 6) read no error without one.
  void write_stream_error(std::string& out, const ApiError& error) const override {
    std::string body;
    append_error_body(body, error);
    out.append("event: error\ndata: {\"type\":\"error\",\"sequence_number\":0,").append(body, 1).append("\n\n");
  }
  std::string_view stream_end() const noexcept override { return {}; }
  std::string_view keep_alive() const noexcept override { return ": keep-alive\n"; }
};

// Whether the member names what its provider alone keeps, or has it keep something: what that costs nobody here knows.
bool refers_to_state(BodyWalk& walk, std::string_view name, json::Value& value) {
  const json::Kind kind = walk.kind(value);
  if (name == "background") return kind == json::Kind::boolean && json::Walk::begin(value)[0] == 't';
  return (name == "previous_response_id" || name == "conversation" || name == "prompt") && kind != json::Kind::null;
}

// Items that have all that they mean in themselves, beside those that are encrypted.
bool is_whole_item(std::string_view type) noexcept {
  static constexpr std::string_view kWhole[] = {
      "message",    "function_call",     "function_call_output",   "custom_tool_call", "custom_tool_call_output",
      "shell_call", "shell_call_output", "local_shell_call",       "computer_call",    "local_shell_call_output",
      "mcp_call",   "apply_patch_call",  "apply_patch_call_output"};
  return std::find(std::begin(kWhole), std::end(kWhole), type) != std::end(kWhole);
}

// An item of `input`. One without a type is a message or, as OpenAI has it, a reference. Others name by their id what
// their provider may keep beside what they say: that brings input which is not in the body.
bool note_item(BodyWalk& walk, json::Value item, RequestFacts& facts) {
  if (walk.kind(item) != json::Kind::object) return walk.skip(item);
  std::string type;
  bool is_reference = false, has_role = false, has_content = false, has_id = false, says_all = false;
  const bool whole = walk.object(item, [&](std::string_view name, json::Value value) {
    if (walk.kind(value) == json::Kind::null) return walk.skip(value);
    has_role |= name == "role";
    has_content |= name == "content";
    has_id |= name == "id";
    says_all |= name == "encrypted_content";
    if (name == "summary" && walk.kind(value) == json::Kind::array) {
      return walk.array(value, [&](json::Value each) { return says_all = true, walk.skip(each); });
    }
    if (name != "type") return walk.skip(value);
    std::string_view text;
    if (!walk.text(value, text)) return false;
    is_reference |= text == "item_reference";
    type = text;
    return true;
  });
  if (type.empty() ? !has_role || !has_content : is_reference) facts.needs_state = "input";
  says_all |= type == "reasoning" ? has_content : is_whole_item(type);
  if (!type.empty() && has_id && !says_all && facts.options.unpriced.empty()) facts.options.unpriced = "input";
  return whole;
}

}  // namespace

std::string repeated_settings(const PaddedBuffer& body, RequestFacts* facts) {
  std::array<std::string_view, kRepeated.size()> values;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = kRepeated[i].second;
  simdjson::ondemand::parser parser;
  chat::Texts texts;
  BodyWalk walk(parser, kMaxBodyDepth, texts);
  // The body is known to be whole.
  walk.root(body, [&](std::string_view name, json::Value value) {
    if (facts != nullptr && refers_to_state(walk, name, value)) facts->needs_state = name;
    if (facts != nullptr && name == "input" && walk.kind(value) == json::Kind::array) {
      return walk.array(value, [&](json::Value item) { return note_item(walk, item, *facts); });
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (kRepeated[i].first == name && walk.kind(value) != json::Kind::null) return walk.raw(value, values[i]);
    }
    return walk.skip(value);
  });
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    out.append(",\"").append(kRepeated[i].first).append("\":").append(values[i]);
  }
  return out;
}

const Surface& responses_surface() noexcept {
  static const ResponsesSurface surface;
  return surface;
}

}  // namespace gateway
