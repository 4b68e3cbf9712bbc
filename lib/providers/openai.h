// OpenAI's own dialect, which most providers speak: OpenAI, Mistral, Groq, Together, Ollama, vLLM, ...
#pragma once

#include "providers/dialect.h"

namespace gateway {

class OpenAiDialect : public Dialect {
 public:
  Shape shape() const noexcept override { return Shape::openai; }
  bool rewrites(const Provider& provider) const noexcept override;
  AnswerStream& open_answer(const AnswerContext& context, AnswerSlot& slot) const override;
  Result<void> write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                     DialectOutput& out) const override;
};

// What the dialects of this family share: path, content type, credentials, the model's name and the clamp in place.
// `needs_asking`: streams of this provider carry usage only where they are asked to.
Result<void> write_openai_request(const Provider& provider, const DialectRequest& request, bool needs_asking,
                                  BodyTexts& texts, DialectOutput& out);

}  // namespace gateway
