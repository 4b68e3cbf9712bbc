#include "providers/openrouter.h"

#include <algorithm>

#include "providers/openai.h"

namespace gateway {
namespace {

constexpr std::string_view kTitle = "X-Title";

bool is_configured(const Provider& provider, std::string_view name) noexcept {
  const auto& headers = provider.config.headers;
  return std::any_of(headers.begin(), headers.end(), [&](const auto& h) { return equal_ignoring_case(h.first, name); });
}

}  // namespace

Result<void> OpenRouterDialect::write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                                      DialectOutput& out) const {
  auto written = write_openai_request(provider, request, false, texts, out);
  if (!is_configured(provider, kTitle)) out.fields.add_view(kTitle, "Model Gateway");
  return written;
}

}  // namespace gateway
