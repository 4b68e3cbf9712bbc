// Google's list of models.
#pragma once

#include <string_view>
#include <vector>

#include "base/catalogue.h"
#include "gateway/result.h"

namespace gateway::gemini {

// All of them, without prices. Error: it is no such list.
Result<std::vector<CatalogueModel>> read_model_list(std::string_view json);

}  // namespace gateway::gemini
