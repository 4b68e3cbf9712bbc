// Embeddings of Google's APIs, in OpenAI's shape for all clients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "chat/request.h"
#include "providers/dialect.h"

namespace gateway {

// Vertex has another method for them, and another form.
enum class GeminiEmbeddings : std::uint8_t { batch, predict };

void append_gemini_embeddings_body(std::string& out, const chat::Embedding& wanted, std::string_view model,
                                   GeminiEmbeddings form);

struct EmbeddingsRead {
  bool is_one = false;                  // it was an answer
  std::optional<std::int64_t> counted;  // its tokens, if it counts them
};
// The answer as OpenAI's document, appended. `estimate`: of the tokens, for the document to have where none are
// counted.
EmbeddingsRead write_openai_embeddings(std::string_view json, std::string_view model, bool base64,
                                       std::int64_t estimate, std::string& out);

// Gathered, and written anew once it is complete.
class GeminiEmbeddingsAnswer final : public AnswerStream {
 public:
  explicit GeminiEmbeddingsAnswer(const AnswerContext& context) : context_(context), document_(context.tools.buffers) {}

  void on_head(const UpstreamHead& head) override { status_ = head.status; }
  Step push(std::string_view bytes, AnswerSink& sink) override;
  Step finish(const Result<void>& how, AnswerSink& sink) override;
  void abandon() override {}

  bool has_begun() const noexcept override { return !document_->empty(); }
  bool is_complete() const noexcept override { return false; }
  const AnswerReport& report() const noexcept override { return report_; }
  const AnswerFault& fault() const noexcept override { return fault_; }
  std::size_t kept() const noexcept override { return document_->size(); }
  bool gathers() const noexcept override { return true; }
  PaddedBuffer* document() noexcept override { return &*document_; }
  bool relays_document() const noexcept override { return false; }
  std::string_view document_end() const noexcept override { return {}; }

 private:
  Step fail(AnswerFault fault);

  const AnswerContext context_;
  AnswerReport report_;
  AnswerFault fault_;
  int status_ = 0;
  PooledBuffer document_;
};

}  // namespace gateway
