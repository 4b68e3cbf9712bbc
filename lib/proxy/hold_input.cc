#include "proxy/hold_input.h"

namespace gateway {

HoldInput hold_input(Operation operation, const RequestFacts& facts, const ProjectConfig& project,
                     WallTime at) noexcept {
  const bool expects = project.spend.mode == SpendMode::estimate;
  const RequestUnits& units = expects ? facts.units_estimate : facts.units_bound;
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
          .made_images = units.images,
          .audio_ms = units.audio_ms,
          .characters = units.characters,
          .searches = units.searches,
          .target_max_output = std::nullopt,
          .target_least_output = 0,
          .price = {},
          .clamp = project.limits.max_output_tokens,
          .mode = project.spend.mode,
          .capped = !project.spend.caps.empty(),
          .allow_unpriced = project.spend.allow_unpriced,
          .cached_estimate = 0,
          .expected_cost = std::nullopt,
          .at = at};
}

Surcharges as_estimated(Surcharges held, const RequestFacts& facts) noexcept {
  const RequestUnits& units = facts.units_estimate;
  held.images = units.images;
  held.audio_ms = units.audio_ms;
  held.characters = units.characters;
  if (units.searches > 0) held.web_searches = units.searches;
  return held;
}

}  // namespace gateway
