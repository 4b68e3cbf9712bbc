// Google's Gemini API, also on Vertex.
#pragma once

#include "providers/dialect.h"

namespace gateway {

// Whether a host is Vertex, where a token takes the place of the key.
bool is_vertex(std::string_view host) noexcept;

class GeminiDialect final : public Dialect {
 public:
  Shape shape() const noexcept override { return Shape::gemini; }
  AnswerStream& open_answer(const AnswerContext& context, AnswerSlot& slot) const override;
  Result<void> write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                     DialectOutput& out) const override;
};

}  // namespace gateway
