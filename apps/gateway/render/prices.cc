#include "app/render/prices.h"

#include "app/render/price_view.h"

namespace gateway::app {
namespace {

void add_figures(std::vector<Cell>& row, const Prices& prices) {
  for (const PriceFigure& each : kPriceFigures) {
    const std::string amount = shown(each, prices);
    row.push_back(amount.empty() ? Cell{"", "null"} : cell(amount));
  }
}

}  // namespace

std::vector<Column> price_columns() {
  std::vector<Column> out{{"source"}, {"provider"}, {"model"}};
  for (const PriceFigure& each : kPriceFigures)
    out.push_back({std::string(each.name), true, each.in_tables, each.rare, false, true});
  out.push_back({"service_tiers", false, false});
  out.push_back({"overrides", false, false});  // in a table they are lines of their own
  return out;
}

std::vector<Cell> price_cells(const operations::ListedPrice& listed) {
  const Prices& prices = *listed.price.prices;
  std::vector<Cell> row{cell(listed.price.version), cell(listed.provider), cell(listed.model)};
  add_figures(row, prices);
  row.push_back({tiers_text(prices), tiers_json(prices)});
  row.push_back({overrides_text(prices), overrides_json(prices)});
  return row;
}

std::vector<Cell> override_cells(const PriceOverride& rule) {
  std::vector<Cell> below{cell(""), cell(""), cell("  " + condition_text(rule))};
  add_figures(below, rule.prices);
  below.emplace_back();
  below.emplace_back();
  return below;
}

}  // namespace gateway::app
