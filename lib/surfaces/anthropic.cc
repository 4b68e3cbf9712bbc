#include "surfaces/anthropic.h"

#include <cstring>

#include "wire/json/text.h"

namespace gateway {
namespace {

constexpr int kOverloaded = 529;
constexpr std::string_view kFields[] = {"anthropic-version", "anthropic-beta"};

std::string_view type_of(int status) noexcept {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 504:
      return "timeout_error";
    case kOverloaded:
      return "overloaded_error";
    default:
      return status < 500 ? "invalid_request_error" : "api_error";
  }
}

// Thinking that Anthropic has not signed, which it refuses: as this gateway's answers have it from other providers.
bool has_foreign_reasoning(std::string_view body) noexcept {
  for (const std::string_view mark : {R"("signature":"")", R"("signature": "")", R"("gateway:)"}) {
    if (memmem(body.data(), body.size(), mark.data(), mark.size()) != nullptr) return true;
  }
  return false;
}

class AnthropicSurface : public Surface {
 public:
  Shape shape() const noexcept override { return Shape::anthropic; }
  SurfaceKind kind() const noexcept override { return SurfaceKind::anthropic; }
  std::string_view request_id_field() const noexcept override { return "request-id"; }
  std::span<const std::string_view> fields_for_providers() const noexcept override { return kFields; }
  bool read(RequestReader& reader, const PaddedBuffer& body, std::string_view model_by_path, RequestFacts& facts,
            BadRequest& why) const override {
    if (!reader.read(Operation::chat, body, facts, why, model_by_path)) return false;
    facts.is_mixed = has_foreign_reasoning(body.view());
    if (facts.max_tokens || !needs_length()) return true;
    why = {"max_tokens: Field required", "max_tokens"};
    return false;
  }
  Result<void> translate(const PaddedBuffer& body, ChatRequest& out) const override {
    return read_anthropic_messages(body, out);
  }
  std::unique_ptr<AnswerWriter> open_writer(const RequestFacts& facts) const override {
    return make_anthropic_writer(facts.stream, facts.input_estimate);
  }
  int status_of(const ApiError& error) const noexcept override {
    return error.is_overload || error.code == "overloaded" ? kOverloaded : error.status;
  }
  void write_error(std::string& out, const ApiError& error) const override {
    if (!error.raw.empty()) {
      out += error.raw;
      return;
    }
    out += R"({"type":"error","error":{"type":")";
    out.append(type_of(status_of(error))).append(R"(","message":)");
    append_json_string(out, error.message);
    out += "}}";
  }
  void write_stream_error(std::string& out, const ApiError& error) const override {
    out += "event: error\ndata: ";
    write_error(out, error);
    out += "\n\n";
  }
  std::string_view stream_end() const noexcept override { return {}; }
  std::string_view keep_alive() const noexcept override { return "event: ping\ndata: {\"type\": \"ping\"}\n\n"; }

 private:
  virtual bool needs_length() const noexcept { return true; }
};

class CountSurface final : public AnthropicSurface {
  bool needs_length() const noexcept override { return false; }
};

}  // namespace

const Surface& anthropic_surface() noexcept {
  static const AnthropicSurface surface;
  return surface;
}

const Surface& anthropic_count_surface() noexcept {
  static const CountSurface surface;
  return surface;
}

}  // namespace gateway
