// OpenAI's Responses API, and whatever speaks it.
#pragma once

#include "providers/dialect.h"

namespace gateway {

class ResponsesDialect final : public Dialect {
 public:
  Shape shape() const noexcept override { return Shape::responses; }
  Result<void> write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                     DialectOutput& out) const override;
  AnswerStream& open_answer(const AnswerContext& context, AnswerSlot& slot) const override;
};

}  // namespace gateway
