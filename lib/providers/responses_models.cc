#include "providers/responses_models.h"

namespace gateway {
namespace {

// clang-format off
constexpr ResponsesModel kResponsesModels[] = {
    {"gpt-3.5",           false, true,  "",        ""},
    {"gpt-4",             false, true,  "",        ""},
    {"chatgpt-4o",        false, true,  "",        ""},
    {"o1",                true,  false, "low",     "high"},
    {"o3",                true,  false, "low",     "high"},
    {"o4",                true,  false, "low",     "high"},
    {"codex-mini",        true,  false, "low",     "high"},
    {"gpt-5",             true,  false, "minimal", "high"},
    {"gpt-5-chat",        false, true,  "",        ""},
    {"gpt-5-codex",       true,  false, "low",     "high"},
    {"gpt-5.1",           true,  false, "none",    "high"},
    {"gpt-5.1-codex",     true,  false, "low",     "high"},
    {"gpt-5.1-codex-max", true,  false, "low",     "xhigh"},
    {"gpt-5.",            true,  false, "none",    "xhigh"},
    {"gpt-6",             true,  false, "none",    "xhigh"},
};
// clang-format on

}  // namespace

ResponsesModel responses_model(std::string_view name, const ModelAbilities& configured) noexcept {
  ResponsesModel out;
  for (const ResponsesModel& each : kResponsesModels) {
    if (name.starts_with(each.name) && each.name.size() > out.name.size()) out = each;
  }
  if (configured.thinking) {
    const ResponsesModel unknown;
    out.thinks = *configured.thinking != Thinking::none;
    if (out.thinks && out.most.empty()) out.off = unknown.off, out.most = unknown.most;
  }
  if (configured.sampling) out.samples = *configured.sampling != SamplingTaken::none;
  return out;
}

}  // namespace gateway
