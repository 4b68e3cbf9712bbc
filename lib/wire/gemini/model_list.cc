#include "wire/gemini/model_list.h"

#include <simdjson.h>

#include <string>

namespace gateway::gemini {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::string_view kFolder = "models/";

std::int64_t size_of(const object& model, std::string_view key) noexcept {
  std::int64_t number = 0;
  return model[key].get(number) == simdjson::SUCCESS && number > 0 ? number : 0;
}

}  // namespace

Result<std::vector<CatalogueModel>> read_model_list(std::string_view json) {
  simdjson::dom::parser parser;
  object root;
  array list;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS ||
      root["models"].get(list) != simdjson::SUCCESS) {
    return Error{ErrorCode::invalid, "the list of models has no array 'models'"};
  }
  std::vector<CatalogueModel> models;
  for (const element each : list) {
    object model;
    std::string_view name, shown;
    if (each.get(model) != simdjson::SUCCESS || model["name"].get(name) != simdjson::SUCCESS) continue;
    if (name.starts_with(kFolder)) name.remove_prefix(kFolder.size());
    if (name.empty()) continue;
    CatalogueModel& made = models.emplace_back();
    made.id = name;
    made.name = model["displayName"].get(shown) == simdjson::SUCCESS ? shown : name;
    made.context_length = size_of(model, "inputTokenLimit");
    made.max_output_tokens = size_of(model, "outputTokenLimit");
  }
  return models;
}

}  // namespace gateway::gemini
