// OpenRouter: OpenAI's dialect with usage and cost in every answer, and attribution of the traffic to an application.
#pragma once

#include "providers/openai.h"

namespace gateway {

class OpenRouterDialect final : public OpenAiDialect {
 public:
  Result<void> write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                     DialectOutput& out) const override;
  bool tells_cost_later() const noexcept override { return true; }
};

}  // namespace gateway
