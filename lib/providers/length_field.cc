#include "providers/length_field.h"

#include <algorithm>

#include "gateway/headers.h"

namespace gateway {
namespace {

// OpenAI's own hosts, and Azure's for its models; each with all that lie below.
constexpr std::string_view kOpenAiHosts[] = {"openai.com", "openai.azure.com", "azure-api.net", "ai.azure.com",
                                             "cognitiveservices.azure.com"};

bool is_at_or_below(std::string_view host, std::string_view domain) noexcept {
  if (host.size() < domain.size()) return false;
  const std::size_t before = host.size() - domain.size();
  return equal_ignoring_case(host.substr(before), domain) && (before == 0 || host[before - 1] == '.');
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// o1, o3-mini, o4-mini-deep-research; gpt-5, gpt-5.1-codex, gpt-6-sol; codex-mini-latest.
bool is_reasoning_family(std::string_view model) noexcept {
  if (const std::size_t slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  if (model.starts_with("ft:")) model.remove_prefix(3);
  if (model.starts_with("codex-")) return true;
  const bool is_gpt = model.starts_with("gpt-");
  if (!is_gpt && !model.starts_with('o')) return false;
  model.remove_prefix(is_gpt ? 4 : 1);
  const auto digits = static_cast<std::size_t>(std::find_if_not(model.begin(), model.end(), is_digit) - model.begin());
  if (digits == 0) return false;
  const bool ends_there =
      digits == model.size() || std::string_view("-.:@").find(model[digits]) != std::string_view::npos;
  return ends_there && (!is_gpt || digits > 1 || model.front() >= '5');
}

}  // namespace

LengthField usual_length_field(std::string_view host, std::string_view model) noexcept {
  const bool openai_host = std::any_of(std::begin(kOpenAiHosts), std::end(kOpenAiHosts),
                                       [host](std::string_view each) { return is_at_or_below(host, each); });
  return openai_host || is_reasoning_family(model) ? LengthField::max_completion_tokens : LengthField::max_tokens;
}

std::string_view to_string(LengthField field) noexcept {
  return field == LengthField::max_tokens ? "max_tokens" : "max_completion_tokens";
}

}  // namespace gateway
