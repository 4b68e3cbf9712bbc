#include "proxy/hold_input.h"

namespace gateway {

HoldInput hold_input(Operation operation, const RequestFacts& facts, const ProjectConfig& project,
                     WallTime at) noexcept {
  return {.operation = operation,
          .input_bound = facts.input_bound,
          .input_estimate = facts.input_estimate,
          .images = facts.images,
          .audios = facts.audios,
          .files = facts.files,
          .max_tokens = facts.max_tokens,
          .max_completion_tokens = facts.max_completion_tokens,
          .n = facts.n,
          .options = &facts.options,
          .target_max_output = std::nullopt,
          .price = {},
          .clamp = project.limits.max_output_tokens,
          .mode = project.spend.mode,
          .capped = !project.spend.caps.empty(),
          .allow_unpriced = project.spend.allow_unpriced,
          .cached_estimate = 0,
          .expected_cost = std::nullopt,
          .at = at};
}

}  // namespace gateway
