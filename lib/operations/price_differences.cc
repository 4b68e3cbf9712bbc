#include "operations/price_differences.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "operations/price_text.h"

namespace gateway::operations {
namespace {

// An override by its condition and how many of the same condition came before it.
using Place = std::pair<std::string, int>;

std::vector<Place> places(const Prices& prices) {
  std::vector<Place> out;
  std::map<std::string, int> seen;
  for (const PriceOverride& rule : prices.overrides) {
    const std::string condition = condition_text(rule);
    out.emplace_back(condition, seen[condition]++);
  }
  return out;
}

std::string order_text(const std::vector<Place>& order) {
  std::vector<std::string> conditions;
  for (const Place& each : order) conditions.push_back(each.first);
  return fmt::format("{}", fmt::join(conditions, "; "));
}

class Comparison {
 public:
  std::vector<PriceDifference> take() { return std::move(found_); }

  void model(const std::string& id, const CatalogueModel* kept, const CatalogueModel* now) {
    model_ = id;
    if (kept == nullptr || now == nullptr) {
      add({}, "model", kept != nullptr ? "listed" : "", now != nullptr ? "listed" : "");
      return;
    }
    figures({}, kept->prices, now->prices);
    overrides(kept->prices, now->prices);
  }

 private:
  void add(std::string condition, std::string figure, std::string kept, std::string now, std::string unit = {}) {
    found_.push_back(
        {model_, std::move(condition), std::move(figure), std::move(kept), std::move(now), std::move(unit)});
  }

  void figures(const std::string& condition, const Prices& kept, const Prices& now) {
    for (const PriceFigure& each : kPriceFigures) {
      if (kept.*each.figure == now.*each.figure) continue;
      add(condition, std::string(each.name), shown(each, kept), shown(each, now), unit_of(each));
    }
  }

  void overrides(const Prices& kept, const Prices& now) {
    const std::vector<Place> before = places(kept), after = places(now);
    std::vector<Place> both_before, both_after;
    const auto index = [](const std::vector<Place>& all, const Place& place) {
      return static_cast<std::size_t>(std::find(all.begin(), all.end(), place) - all.begin());
    };
    for (std::size_t i = 0; i < before.size(); ++i) {
      const std::size_t same = index(after, before[i]);
      if (same < after.size()) {
        both_before.push_back(before[i]);
        figures(before[i].first, kept.overrides[i].prices, now.overrides[same].prices);
      } else {
        add(before[i].first, "override", "listed", "");
        figures(before[i].first, kept.overrides[i].prices, {});
      }
    }
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (index(before, after[i]) < before.size()) {
        both_after.push_back(after[i]);
        continue;
      }
      add(after[i].first, "override", "", "listed");
      figures(after[i].first, {}, now.overrides[i].prices);
    }
    // Of several that apply the later one wins.
    if (both_before != both_after) add({}, "order", order_text(both_before), order_text(both_after));
  }

  std::string model_;
  std::vector<PriceDifference> found_;
};

}  // namespace

std::vector<PriceDifference> differences(const Catalogue* kept, const Catalogue& now) {
  std::set<std::string> models;
  for (const CatalogueModel& model : now.models) models.insert(model.id);
  if (kept != nullptr) {
    for (const CatalogueModel& model : kept->models) models.insert(model.id);
  }
  Comparison comparison;
  for (const std::string& id : models) comparison.model(id, kept != nullptr ? kept->find(id) : nullptr, now.find(id));
  return comparison.take();
}

}  // namespace gateway::operations
