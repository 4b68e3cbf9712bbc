// Lists of models: OpenRouter's, read; ours, written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/catalogue.h"
#include "gateway/config.h"
#include "gateway/result.h"

namespace gateway {

// OpenRouter's GET /models. What cannot be read of one model is taken as unknown; a model without an id is left out.
// If the list leaves doubt, the dearer reading is taken, since holds are made of it: a price of zero for reasoning,
// cache or images of a model that is not free means "as other tokens"; an image price no larger than some tokens' is a
// token's price, so images have none; an override under conditions that PriceOverride cannot express (weekdays) keeps
// only its figures above the base, at all times. Error: invalid.
Result<std::vector<CatalogueModel>> read_model_list(std::string_view json);

// One entry of `GET /v1/models`, appended: OpenAI's members, context_length (null: unknown) and pricing (USD per unit
// as decimal strings, as OpenRouter names them; null: unknown).
void append_model(std::string& out, std::string_view id, std::int64_t created, std::string_view owned_by,
                  std::int64_t context_length, const Prices& prices);

}  // namespace gateway
