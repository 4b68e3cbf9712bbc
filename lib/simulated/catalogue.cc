#include "simulated/catalogue.h"

#include "simulated/script.h"

namespace gateway {
namespace {

Prices simulated_prices(std::string_view model) {
  Prices prices;
  if (model == "simulated/image") {
    prices.image_output_each = Money::units(10'000'000'000);
    prices.image = Money{};  // those that are edited are free
  } else if (model == "simulated/speech") {
    prices.character = Money::units(10'000'000);
  } else if (model == "simulated/transcribe") {
    prices.audio_second = Money::units(100'000'000);
  } else if (model == "simulated/rerank") {
    prices.input = Money{};
    prices.web_search = Money::units(1'000'000'000);
  } else {
    prices.input = Money::units(1'000'000);
    prices.output = Money::units(2'000'000);
    prices.image = Money::units(1'000'000'000);
    prices.audio = Money::units(1'000'000'000);
  }
  return prices;
}

Catalogue make_catalogue() {
  Catalogue catalogue;
  catalogue.version = "simulated";
  for (const std::string_view id : kSimulatedModels) {
    CatalogueModel model;
    model.id = id;
    model.name = id;
    model.created = 1'700'000'000;
    model.context_length = 1'000'000;
    model.prices = simulated_prices(id);
    catalogue.models.push_back(std::move(model));
  }
  catalogue.index();
  return catalogue;
}

}  // namespace

const Catalogue& simulated_catalogue() {
  static const Catalogue catalogue = make_catalogue();
  return catalogue;
}

std::string_view without_options(std::string_view model) noexcept { return model.substr(0, model.find('?')); }

}  // namespace gateway
