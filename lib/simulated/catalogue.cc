#include "simulated/catalogue.h"

#include "simulated/script.h"

namespace gateway {
namespace {

Catalogue make_catalogue() {
  Catalogue catalogue;
  catalogue.version = "simulated";
  for (const std::string_view id : kSimulatedModels) {
    CatalogueModel model;
    model.id = id;
    model.name = id;
    model.created = 1'700'000'000;
    model.context_length = 1'000'000;
    model.prices.input = Money::units(1'000'000);
    model.prices.output = Money::units(2'000'000);
    model.prices.image = Money::units(1'000'000'000);
    model.prices.audio = Money::units(1'000'000'000);
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
