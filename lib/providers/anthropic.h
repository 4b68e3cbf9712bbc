// Anthropic's Messages API.
#pragma once

#include "providers/dialect.h"

namespace gateway {

inline constexpr std::string_view kAnthropicVersion = "2023-06-01";

class AnthropicDialect final : public Dialect {
 public:
  Shape shape() const noexcept override { return Shape::anthropic; }
  AnswerStream& open_answer(const AnswerContext& context, AnswerSlot& slot) const override;
  Result<void> write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                     DialectOutput& out) const override;
  bool counts_input() const noexcept override { return true; }
};

}  // namespace gateway
