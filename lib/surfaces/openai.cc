#include "surfaces/openai.h"

#include <cstddef>
#include <string>

#include "chat/endpoint.h"

namespace gateway {
namespace {

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

// An operation whose body is JSON.
class JsonSurface : public OpenAiSurface {
 public:
  explicit JsonSurface(Operation operation) : operation_(operation) {}
  bool read(RequestReader& reader, const PaddedBuffer& body, std::string_view model_by_path, RequestFacts& facts,
            BadRequest& why) const override {
    return reader.read(operation_, body, facts, why, model_by_path);
  }
  Result<void> translate(const PaddedBuffer& body, ChatRequest& out) const override {
    if (operation_ == Operation::embeddings) return read_openai_embeddings(body, out);
    return Error{ErrorCode::unsupported,
                 std::string(to_string(operation_)) + ": this model's provider has none in a shape of its own"};
  }
  // Events of images, transcripts and speech have no mark of their end.
  std::string_view stream_end() const noexcept override {
    const bool has_mark = info_of(operation_).usable == EndpointInfo::Usable::choices;
    return has_mark ? OpenAiSurface::stream_end() : std::string_view();
  }

 private:
  const Operation operation_;
};

class ChatSurface final : public JsonSurface {
 public:
  ChatSurface() : JsonSurface(Operation::chat) {}
  Result<void> translate(const PaddedBuffer& body, ChatRequest& out) const override {
    return read_openai_chat(body, out);
  }
};

}  // namespace

const Surface& surface_of(Operation operation) noexcept {
  static const ChatSurface chat;
  static const JsonSurface others[] = {
      JsonSurface(Operation::embeddings),  JsonSurface(Operation::completions),    JsonSurface(Operation::images),
      JsonSurface(Operation::image_edits), JsonSurface(Operation::transcriptions), JsonSurface(Operation::translations),
      JsonSurface(Operation::speech),      JsonSurface(Operation::moderations),    JsonSurface(Operation::rerank)};
  if (operation == Operation::chat) return chat;
  return others[static_cast<std::size_t>(operation) - 1];
}

}  // namespace gateway
