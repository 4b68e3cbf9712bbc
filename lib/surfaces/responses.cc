#include "surfaces/responses.h"

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
    facts.repeated = repeated_settings(body, &facts.needs_state);
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

}  // namespace

std::string repeated_settings(const PaddedBuffer& body, std::string* needs_state) {
  std::array<std::string_view, kRepeated.size()> values;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = kRepeated[i].second;
  simdjson::ondemand::parser parser;
  chat::Texts texts;
  BodyWalk walk(parser, kMaxBodyDepth, texts);
  // The body is known to be whole.
  walk.root(body, [&](std::string_view name, json::Value value) {
    if (needs_state != nullptr && refers_to_state(walk, name, value)) *needs_state = name;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (kRepeated[i].first == name && walk.kind(value) != json::Kind::null) return walk.raw(value, values[i]);
    }
    return walk.skip(value);
  });
  static constexpr std::string_view kReference = R"("item_reference")";
  if (needs_state != nullptr && needs_state->empty() && body.view().find(kReference) != std::string_view::npos) {
    *needs_state = "input";
  }
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
