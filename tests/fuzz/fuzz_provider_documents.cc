#include <string>

#include "fuzz/fuzz_target.h"
#include "wire/openrouter/activity.h"
#include "wire/openrouter/generation.h"
#include "wire/openrouter/model_list.h"

namespace gateway::fuzz {
namespace {

bool sane(const std::optional<Money>& price) { return !price || !price->is_negative(); }

void check_prices(const Prices& p) {
  for (const auto& figure : {p.input, p.output, p.cached_input, p.cache_write, p.reasoning, p.request, p.image}) {
    require(sane(figure), "no price is negative");
  }
}

}  // namespace

// Whatever a provider sends as its list of models, a generation or its activity, no figure read of it is negative.
void provider_documents(std::string_view input) {
  if (const auto models = read_model_list(input)) {
    for (const CatalogueModel& model : *models) {
      require(!model.id.empty(), "a model has an id");
      require(model.context_length >= 0 && model.max_output_tokens >= 0 && model.created >= 0, "no size is negative");
      check_prices(model.prices);
      for (const PriceOverride& over : model.prices.overrides) {
        check_prices(over.prices);
        require(over.min_prompt_tokens >= 0, "no threshold is negative");
        require(over.utc_start_minute.value_or(0) < 1440 && over.utc_end_minute.value_or(0) < 1440,
                "times are of a day");
      }
      std::string entry;
      append_model(entry, model.id, model.created, "x", model.context_length, model.prices);
      require(read_model_list("{\"data\":[" + entry + "]}").has_value(), "our own entry can be read");
    }
  }
  if (const auto generation = read_generation(input)) {
    require(!generation->id.empty() && sane(generation->cost) && sane(generation->upstream_cost), "figures are sane");
    require(generation->usage.cached_input <= generation->usage.input, "parts are within their whole");
  }
  if (const auto rows = read_activity(input)) {
    for (const ActivityRow& row : *rows) {
      require(row.day.size() == 10 && !row.model.empty(), "a row says day and model");
      require(row.requests >= 0 && row.prompt_tokens >= 0 && row.completion_tokens >= 0, "no count is negative");
    }
  }
}

}  // namespace gateway::fuzz
