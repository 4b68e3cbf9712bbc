// The configuration as the threads see it: immutable, replaced as a unit, kept alive by the exchanges that use it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/config.h"
#include "gateway/result.h"
#include "gateway/tenants.h"
#include "policy/key_ring.h"
#include "policy/pricing/price_book.h"
#include "policy/routing/router.h"
#include "providers/provider.h"
#include "proxy/health_ref.h"

namespace gateway {

struct ProjectState;

struct Project {
  ProjectConfig config;
  ProjectState* state = nullptr;
};

// A model that GET /v1/models may show.
struct ListedModel {
  std::string id;
  std::string owned_by;  // the provider of its first target
  std::int64_t created = 0;
  std::int64_t context_length = 0;
  Prices prices;
  std::string json;  // as it shows it: nobody limits how often that is asked for
};

// What is known of a target from the moment that the snapshot is made.
struct KnownTarget {
  const Provider* provider = nullptr;
  PriceInForce price;           // of its model; without one of its own that depends on what the client asks for
  std::int64_t max_output = 0;  // likewise
};

using Catalogues = std::map<std::string, std::shared_ptr<const Catalogue>, std::less<>>;  // by provider

struct Snapshot {
  bool is_staged() const noexcept { return own_breakers != nullptr; }

  Config config;
  std::map<std::string, std::shared_ptr<const Provider>, std::less<>> providers;  // see provider_keys.h
  Router router;
  KeyRing keys;
  std::unordered_map<std::string, Project> projects;
  Catalogues catalogues;
  std::vector<ListedModel> models;                      // sorted by id
  std::vector<std::vector<KnownTarget>> known_targets;  // by the numbers of routes and targets
  std::shared_ptr<HealthTable> own_breakers{};          // of one that is staged; null: the Core's

  const Provider* provider(std::string_view name) const noexcept;
  const Project* project(const std::string& name) const noexcept;
  const ListedModel* model(std::string_view id) const noexcept;
  // The list that prices the provider's models: its own as fetched, the simulated one's, or the
  // built-in one if it is one of the services that list is for. Null: none.
  const Catalogue* catalogue(const Provider& provider) const noexcept;
  // The models that the provider lists, whether with prices or without. Null: none is known.
  const Catalogue* model_list(const Provider& provider) const noexcept;
  // Whether a pattern matches what the provider lists.
  bool shows_list_of(const Provider& provider) const noexcept;
  // The target's own prices, else its provider's catalogue's, else the built-in ones for the providers they are of.
  PriceInForce prices(const TargetConfig& target, const Provider& provider,
                      std::string_view target_model) const noexcept;
  // The most tokens it generates for one choice; 0: unknown.
  std::int64_t max_output(const TargetConfig& target, const Provider& provider,
                          std::string_view target_model) const noexcept;
};

// What the threads use now.
struct Snapshots {
  std::shared_ptr<const Snapshot> in_force;
  std::shared_ptr<const Snapshot> staged{};  // null: none is
  StagedShare share{};                       // that the staged one serves
};

// `state_of` returns the lasting state of a project; `previous` knows how targets did before. Errors: a provider or
// route that cannot work.
Result<std::shared_ptr<const Snapshot>> make_snapshot(const Config& config, const TenantChange& tenants,
                                                      Catalogues catalogues,
                                                      const std::function<ProjectState*(const std::string&)>& state_of,
                                                      const Router* previous = nullptr,
                                                      std::shared_ptr<HealthTable> own_breakers = nullptr);

}  // namespace gateway
