#include "operations/prices.h"

#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/names.h"
#include "operations/page_start.h"
#include "policy/routing/provider_keys.h"

namespace gateway::operations {
namespace {

class Lister {
 public:
  Lister(PriceList& list, const PriceQuery& query) : list_(list), query_(query), start_(query.page.cursor) {}

  // Each provider, model and list once.
  void add(std::string_view provider, std::string_view model, const PriceInForce& price) {
    if (price.prices == nullptr || (query_.provider && *query_.provider != provider)) return;
    if (!seen_.emplace(provider, model, price.version).second) return;
    ++list_.all;
    if (!start_.comes_after({std::string(provider), std::string(model), std::string(price.version)})) return;
    if (query_.page.limit == 0 || list_.prices.size() < static_cast<std::size_t>(query_.page.limit)) {
      list_.prices.push_back({std::string(provider), std::string(model), price});
    } else if (!list_.next) {
      const auto& last = list_.prices.back();
      list_.next = cursor_of({last.provider, last.model, std::string(last.price.version)});
    }
  }
  Result<void> expect_start() const { return start_.expect_found(); }

 private:
  PriceList& list_;
  const PriceQuery& query_;
  PageStart start_;
  std::set<std::tuple<std::string, std::string, std::string>> seen_;
};

// What targets cost. A pattern without a model of its own covers many: one line if the target sets their price.
void add_targets(const Snapshot& snapshot, const PriceQuery& query, Lister& lister) {
  for (const RouteConfig& route : snapshot.router.routes()) {
    for (const TargetConfig& target : route.targets) {
      const std::string_view name = target_model(target, route.pattern);
      if (query.model && !names::matches(name, *query.model)) continue;
      const bool many = name.ends_with('*');
      if (many && !(target.prices && target.prices->known())) continue;
      lister.add(split_keyed(target.provider).provider, name,
                 snapshot.prices(target, *snapshot.provider(target.provider), name));
    }
  }
}

// What all else costs that a provider is known to have.
void add_catalogues(const Snapshot& snapshot, const PriceQuery& query, Lister& lister) {
  const TargetConfig without_prices;
  for (const auto& [name, provider] : snapshot.providers) {
    const Catalogue* catalogue = snapshot.catalogue(*provider);
    if (catalogue == nullptr || name != provider->config.name) continue;
    const auto add = [&lister, &snapshot, &without_prices, &owner = name, &of = *provider](std::string_view model) {
      lister.add(owner, model, snapshot.prices(without_prices, of, model));
    };
    if (query.model) {
      add(*query.model);
    } else {
      for (const CatalogueModel& model : catalogue->models) add(model.id);
    }
  }
}

}  // namespace

Result<PriceList> list_prices(const Deployment& deployment, Catalogues catalogues, const PriceQuery& query) {
  auto snapshot = make_snapshot_of(deployment, std::move(catalogues));
  if (!snapshot) return std::move(snapshot).error();
  PriceList list;
  list.snapshot = std::move(*snapshot);
  Lister lister(list, query);
  add_targets(*list.snapshot, query, lister);
  add_catalogues(*list.snapshot, query, lister);
  if (auto found = lister.expect_start(); !found) return std::move(found).error();
  return list;
}

}  // namespace gateway::operations
