#include "proxy/snapshot.h"

#include <algorithm>
#include <array>

#include "policy/pricing/price_version.h"
#include "policy/routing/provider_keys.h"
#include "simulated/catalogue.h"
#include "wire/openrouter/model_list.h"

namespace gateway {
namespace {

// The built-in list holds prices of these services; the same name elsewhere may cost anything.
constexpr std::array<std::string_view, 6> kBuiltinHosts = {"api.openai.com",    "api.mistral.ai",
                                                           "api.anthropic.com", "generativelanguage.googleapis.com",
                                                           "api.cohere.com",    "api.cohere.ai"};

bool publishes_prices(ProviderType type) noexcept { return type == ProviderType::openrouter; }

bool is_list_of(const Catalogue& list, const ProviderConfig& provider) noexcept {
  return list.base_url == provider.base_url;
}

const CatalogueModel* published(const Snapshot& snapshot, const Provider& provider, std::string_view model,
                                std::string_view& version) noexcept {
  const Catalogue* list = snapshot.catalogue(provider);
  if (list == nullptr) return nullptr;
  version = list->version;
  if (list == &builtin_catalogue()) return builtin_price(model);
  return list->find(provider.simulated ? without_options(model) : model);
}

ListedModel listed(const Snapshot& snapshot, const std::string& id, const TargetConfig& target,
                   const Provider& provider) {
  ListedModel out;
  out.id = id;
  out.owned_by = provider.config.name;
  const std::string_view name = target_model(target, id);
  std::string_view version;
  const CatalogueModel* model = published(snapshot, provider, name, version);
  if (const Catalogue* list = snapshot.model_list(provider); model == nullptr && list != nullptr)
    model = list->find(name);
  if (model != nullptr) {
    out.created = model->created;
    out.context_length = model->context_length;
  }
  if (const PriceInForce price = snapshot.prices(target, provider, name); price.prices != nullptr)
    out.prices = *price.prices;
  append_model(out.json, out.id, out.created, out.owned_by, out.context_length, out.prices);
  return out;
}

void name_prices(std::vector<RouteConfig>& routes) {
  for (RouteConfig& route : routes) {
    for (TargetConfig& target : route.targets) {
      if (target.prices && target.price_version.empty()) target.price_version = config_price_version(*target.prices);
    }
  }
}

void look_up_targets(Snapshot& snapshot) {
  for (const RouteConfig& route : snapshot.router.routes()) {
    std::vector<KnownTarget>& known = snapshot.known_targets.emplace_back();
    for (const TargetConfig& target : route.targets) {
      const Provider& provider = *snapshot.provider(target.provider);
      known.push_back({&provider, snapshot.prices(target, provider, target.model),
                       snapshot.max_output(target, provider, target.model)});
    }
  }
}

// Exact routes are models; a pattern matches whatever its first target's provider lists.
void list_models(Snapshot& snapshot) {
  std::map<std::string, ListedModel> models;
  for (const RouteConfig& route : snapshot.router.routes()) {
    const TargetConfig& first = route.targets.front();
    const Provider* provider = snapshot.provider(first.provider);
    if (!route.pattern.ends_with('*')) {
      models.emplace(route.pattern, listed(snapshot, route.pattern, first, *provider));
      continue;
    }
    const Catalogue* list = snapshot.model_list(*provider);
    if (list == nullptr || !first.model.empty()) continue;
    for (const CatalogueModel& model : list->models) {
      const std::string id = first.strip + model.id;
      if (snapshot.router.find(id) == &route) models.emplace(id, listed(snapshot, id, first, *provider));
    }
  }
  snapshot.models.reserve(models.size());
  for (auto& [id, model] : models) snapshot.models.push_back(std::move(model));
}

}  // namespace

const Provider* Snapshot::provider(std::string_view name) const noexcept {
  const auto found = providers.find(name);
  return found == providers.end() ? nullptr : found->second.get();
}

const Project* Snapshot::project(const std::string& name) const noexcept {
  const auto found = projects.find(name);
  return found == projects.end() ? nullptr : &found->second;
}

const ListedModel* Snapshot::model(std::string_view id) const noexcept {
  const auto place = std::lower_bound(models.begin(), models.end(), id,
                                      [](const ListedModel& m, std::string_view name) { return m.id < name; });
  return place != models.end() && place->id == id ? &*place : nullptr;
}

const Catalogue* Snapshot::catalogue(const Provider& provider) const noexcept {
  if (provider.simulated) return &simulated_catalogue();
  const auto found = catalogues.find(provider.config.name);
  if (found != catalogues.end() && publishes_prices(provider.config.type)) return found->second.get();
  const std::string& host = provider.base.origin.host;
  const bool builtin = std::find(kBuiltinHosts.begin(), kBuiltinHosts.end(), host) != kBuiltinHosts.end();
  return builtin ? &builtin_catalogue() : nullptr;
}

const Catalogue* Snapshot::model_list(const Provider& provider) const noexcept {
  if (provider.simulated) return &simulated_catalogue();
  const auto found = catalogues.find(provider.config.name);
  return found == catalogues.end() ? nullptr : found->second.get();
}

bool Snapshot::shows_list_of(const Provider& provider) const noexcept {
  const auto& routes = router.routes();
  return std::any_of(routes.begin(), routes.end(), [&](const RouteConfig& route) {
    const TargetConfig& first = route.targets.front();
    return route.pattern.ends_with('*') && first.model.empty() &&
           split_keyed(first.provider).provider == provider.config.name;
  });
}

PriceInForce Snapshot::prices(const TargetConfig& target, const Provider& provider,
                              std::string_view target_model) const noexcept {
  if (target.prices && target.prices->known()) return {&*target.prices, target.price_version};
  PriceInForce out;
  if (const CatalogueModel* model = published(*this, provider, target_model, out.version);
      model && model->prices.known()) {
    out.prices = &model->prices;
  }
  if (out.prices == nullptr) out.version = {};
  return out;
}

std::int64_t Snapshot::max_output(const TargetConfig& target, const Provider& provider,
                                  std::string_view target_model) const noexcept {
  if (target.max_output_tokens) return *target.max_output_tokens;
  std::string_view version;
  const CatalogueModel* model = published(*this, provider, target_model, version);
  return model ? model->max_output_tokens : 0;
}

Result<std::shared_ptr<const Snapshot>> make_snapshot(const Config& config, const TenantChange& tenants,
                                                      Catalogues catalogues,
                                                      const std::function<ProjectState*(const std::string&)>& state_of,
                                                      const Router* previous,
                                                      std::shared_ptr<HealthTable> own_breakers) {
  for (const auto& [name, token] : {std::pair<const char*, const Secret&>{"admin_token", config.admin_token},
                                    std::pair<const char*, const Secret&>{"metrics.token", config.metrics.token}}) {
    if (!token.empty() && token.reveal().size() < kMinAdminToken) {
      return Error{ErrorCode::invalid, std::string(name) + " is too short; expected at least " +
                                           std::to_string(kMinAdminToken) + " characters"};
    }
  }
  std::map<std::string, std::shared_ptr<const Provider>, std::less<>> providers;
  for (const ProviderConfig& each : config.providers) {
    auto provider = make_provider(each);
    if (!provider) return std::move(provider).error();
    providers.emplace(each.name, std::move(*provider));
    for (const ProviderKey& key : each.api_keys) {
      auto keyed = make_provider(with_key(each, key));
      if (!keyed) return std::move(keyed).error();
      providers.emplace(keyed_name(each, key), std::move(*keyed));
    }
  }
  Config named = config;
  name_prices(named.routes);
  Router router(with_key_groups(named.routes, named.providers), previous);
  auto snapshot = std::make_shared<Snapshot>(Snapshot{.config = std::move(named),
                                                      .providers = std::move(providers),
                                                      .router = std::move(router),
                                                      .keys = KeyRing(tenants.keys),
                                                      .projects = {},
                                                      .catalogues = std::move(catalogues),
                                                      .models = {},
                                                      .known_targets = {},
                                                      .own_breakers = std::move(own_breakers)});
  // The file is the authority for the projects it names.
  for (const ProjectConfig& project : config.projects)
    snapshot->projects.emplace(project.name, Project{project, nullptr});
  for (const ProjectConfig& project : tenants.projects)
    snapshot->projects.emplace(project.name, Project{project, nullptr});
  for (auto& [name, project] : snapshot->projects) project.state = state_of(name);
  // A list goes with its provider: under that name another one may come, whose prices are others.
  std::erase_if(snapshot->catalogues, [&](const auto& each) {
    const Provider* provider = snapshot->provider(each.first);
    return provider == nullptr || !is_list_of(*each.second, provider->config);
  });
  look_up_targets(*snapshot);
  list_models(*snapshot);
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

}  // namespace gateway
