// Azure's OpenAI service: OpenAI's dialect at other paths, with another field for the key.
#pragma once

#include "providers/openai.h"

namespace gateway {

class AzureDialect final : public OpenAiDialect {
 public:
  Result<void> write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                     DialectOutput& out) const override;
};

}  // namespace gateway
