#include "surfaces/insforge.h"

#include "surfaces/openai.h"
#include "wire/json/members.h"
#include "wire/json/text.h"

namespace gateway {
namespace {

// InsForge's words for what went wrong. Ours go along in `x-gateway-error-code`.
std::string_view word_for(const ApiError& error) noexcept {
  const std::string_view code = error.code;
  if (code == "insufficient_quota" || code == "request_exceeds_budget") {
    return "BILLING_INSUFFICIENT_BALANCE";
  }
  if (code == "model_not_found") return "AI_INVALID_MODEL";
  switch (error.status) {
    case 401:
      return "AUTH_INVALID_API_KEY";
    case 403:
      return "FORBIDDEN";
    case 404:
      return "NOT_FOUND";
    case 429:
      return "RATE_LIMITED";
    case 502:
    case 503:
    case 504:
      return "AI_UPSTREAM_UNAVAILABLE";
    default:
      return error.status < 500 ? "INVALID_INPUT" : "INTERNAL_ERROR";
  }
}

// Exactly these four: Kotlin's client takes a body with another for none.
void append_error(std::string& out, const ApiError& error) {
  out += '{';
  json::append_text(out, "error", word_for(error));
  json::append_text(out, "message", error.message);
  json::append_number(out, "statusCode", error.status);
  if (error.retry_after) {
    const auto pause = std::chrono::ceil<std::chrono::seconds>(*error.retry_after).count();
    json::append_text(out, "nextActions", "Try again in " + std::to_string(pause) + " s.");
  } else if (error.code == "configured_in_the_file") {
    json::append_text(out, "nextActions", "Edit gateway.yaml; gateway check reads it, and a reload takes it.");
  } else {
    json::append_json(out, "nextActions", "null");
  }
  out += '}';
}

class InsforgeSurface : public Surface {
 public:
  explicit InsforgeSurface(Shape shape) noexcept : shape_(shape) {}
  Shape shape() const noexcept override { return shape_; }
  Shape request_shape() const noexcept override { return Shape::openai; }
  SurfaceKind kind() const noexcept override { return SurfaceKind::insforge; }
  void write_error(std::string& out, const ApiError& error) const override { append_error(out, error); }
  void write_stream_error(std::string& out, const ApiError& error) const override {
    out += R"(data: {"error":true,"message":)";
    append_json_string(out, error.message);
    out += "}\n\n";
  }
  std::string_view stream_end() const noexcept override { return {}; }
  std::string_view keep_alive() const noexcept override { return ": keep-alive\n\n"; }

 private:
  const Shape shape_;
};

// What a chat model is asked for, in either form.
class InsforgeChat final : public InsforgeSurface {
 public:
  using Rewrite = bool(PaddedBuffer& body, BadRequest& why);
  InsforgeChat(Rewrite& rewrite, InsforgeAnswer whole, InsforgeAnswer streamed) noexcept
      : InsforgeSurface(Shape::insforge), rewrite_(rewrite), whole_(whole), streamed_(streamed) {}
  bool rewrite(PaddedBuffer& body, BadRequest& why) const override { return rewrite_(body, why); }
  bool read(RequestReader& reader, const PaddedBuffer& body, std::string_view model_by_path, RequestFacts& facts,
            BadRequest& why) const override {
    return reader.read(Operation::chat, body, facts, why, model_by_path);
  }
  Result<void> translate(const PaddedBuffer& body, ChatRequest& out) const override {
    return read_openai_chat(body, out);
  }
  std::unique_ptr<AnswerWriter> open_writer(const RequestFacts& facts) const override {
    return make_insforge_writer(facts.stream ? streamed_ : whole_);
  }

 private:
  Rewrite& rewrite_;
  const InsforgeAnswer whole_, streamed_;
};

// Their answers are OpenAI's, so that the bytes are relayed.
class InsforgeEmbeddings final : public InsforgeSurface {
 public:
  InsforgeEmbeddings() noexcept : InsforgeSurface(Shape::openai) {}
  bool read(RequestReader& reader, const PaddedBuffer& body, std::string_view model_by_path, RequestFacts& facts,
            BadRequest& why) const override {
    return reader.read(Operation::embeddings, body, facts, why, model_by_path);
  }
  Result<void> translate(const PaddedBuffer& body, ChatRequest& out) const override {
    return surface_of(Operation::embeddings).translate(body, out);
  }
  std::unique_ptr<AnswerWriter> open_writer(const RequestFacts& facts) const override {
    return surface_of(Operation::embeddings).open_writer(facts);
  }
  std::string last_members(const Row& row) const override {
    std::string out = ",\"metadata\":{";
    json::append_text(out, "model", row.served_model.empty() ? row.target_model : row.served_model);
    json::append_json(out, "usage", "{");
    for (const char* name : {"promptTokens", "totalTokens", "prompt_tokens", "total_tokens"}) {
      json::append_number(out, name, row.usage.input);
    }
    return out += "}}";
  }
};

}  // namespace

const Surface& insforge_surface(InsforgeCall call, std::string_view user_agent) noexcept {
  using Answer = InsforgeAnswer;
  static const InsforgeChat chat(rewrite_insforge_chat, Answer::document, Answer::events),
      swift_chat(rewrite_insforge_chat, Answer::document, Answer::one_event),
      images(rewrite_insforge_images, Answer::images, Answer::images),
      kotlin_images(rewrite_insforge_images, Answer::kotlin_images, Answer::kotlin_images);
  static const InsforgeEmbeddings embeddings;
  switch (call) {
    case InsforgeCall::embeddings:
      return embeddings;
    case InsforgeCall::images:
      return user_agent.starts_with("InsForge-Kotlin/") ? kotlin_images : images;
    case InsforgeCall::chat:
      break;
  }
  return user_agent.starts_with("insforge-swift/") ? swift_chat : chat;
}

}  // namespace gateway
