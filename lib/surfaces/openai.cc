#include "surfaces/openai.h"

#include <cstring>

namespace gateway {
namespace {

// Of Google's, which are for its models alone.
bool has_call_signatures(std::string_view body) noexcept {
  static constexpr std::string_view kSignature = "\"thought_signature\"";
  return memmem(body.data(), body.size(), kSignature.data(), kSignature.size()) != nullptr;
}

class OpenAiSurface : public Surface {
 public:
  Shape shape() const noexcept override { return Shape::openai; }
  std::unique_ptr<AnswerWriter> open_writer(const RequestFacts& facts) const override {
    return make_openai_writer(facts.stream, facts.include_usage);
  }
  void write_error(std::string& out, const ApiError& error) const override { append_error_body(out, error); }
  void write_stream_error(std::string& out, const ApiError& error) const override {
    out += "data: ";
    append_error_body(out, error);
    out += "\n\n";
  }
  std::string_view stream_end() const noexcept override { return "data: [DONE]\n\n"; }
  std::string_view keep_alive() const noexcept override { return ": keep-alive\n"; }
};

class ChatSurface final : public OpenAiSurface {
 public:
  bool read(RequestReader& reader, const PaddedBuffer& body, std::string_view model_by_path, RequestFacts& facts,
            BadRequest& why) const override {
    if (!reader.read(Operation::chat, body, facts, why, model_by_path)) return false;
    facts.is_mixed = has_call_signatures(body.view());
    return true;
  }
  Result<void> translate(const PaddedBuffer& body, ChatRequest& out) const override {
    return read_openai_chat(body, out);
  }
};

class EmbeddingsSurface final : public OpenAiSurface {
 public:
  bool read(RequestReader& reader, const PaddedBuffer& body, std::string_view model_by_path, RequestFacts& facts,
            BadRequest& why) const override {
    return reader.read(Operation::embeddings, body, facts, why, model_by_path);
  }
  Result<void> translate(const PaddedBuffer& body, ChatRequest& out) const override {
    return read_openai_embeddings(body, out);
  }
};

}  // namespace

const Surface& surface_of(Operation operation) noexcept {
  static const ChatSurface chat;
  static const EmbeddingsSurface embeddings;
  switch (operation) {
    case Operation::chat:
      return chat;
    case Operation::embeddings:
      return embeddings;
    default:
      detail::die("an operation that is not served");
  }
}

}  // namespace gateway
