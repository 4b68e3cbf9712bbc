// OpenAI's Responses API, and whatever speaks it.
#pragma once

#include "providers/dialect.h"

namespace gateway {

// A request of a response that the provider has stored: its id, and what of it, "" or "/cancel" and the like.
struct StoredResponseRequest {
  std::string_view id, part, query;
};
void write_stored_response(const Provider& provider, const StoredResponseRequest& request, DialectOutput& out);

class ResponsesDialect final : public Dialect {
 public:
  Shape shape() const noexcept override { return Shape::responses; }
  Result<void> write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                     DialectOutput& out) const override;
  AnswerStream& open_answer(const AnswerContext& context, AnswerSlot& slot) const override;
};

}  // namespace gateway
