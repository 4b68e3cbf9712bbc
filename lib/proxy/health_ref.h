// A target's health as one project's attempt at it sees it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "policy/routing/target_health.h"
#include "proxy/bounded_table.h"

namespace gateway {

using HealthTable = BoundedTable<TargetHealth>;
using HealthCache = BoundedCache<TargetHealth>;

// Used as a pointer to a TargetHealth is. Targets without trouble have none: names come from clients, and one that
// every provider knows nothing of must not cost anybody a breaker. The first failure makes it.
class HealthRef {
 public:
  HealthRef() = default;
  // The names outlive this.
  HealthRef(HealthCache& cache, std::string_view provider, std::string_view model, ProjectMark project)
      : table_(&cache.table()), provider_(provider), model_(model), project_(project), version_(table_->version()) {
    known_ = cache.find(provider, model);
  }
  // Without a cache: takes the table's lock if there was any trouble yet.
  HealthRef(HealthTable& table, std::string_view provider, std::string_view model, ProjectMark project)
      : table_(&table), provider_(provider), model_(model), project_(project), version_(table.version()) {
    if (version_ != 0) known_ = table.find(HealthTable::key(provider, model));
  }
  const HealthRef* operator->() const noexcept { return this; }

  TargetHealth::Pass admits(TimePoint now) const noexcept {
    return known_ ? known_->admits(now, project_) : TargetHealth::Pass{true, 0, project_};
  }
  Duration cooling(TimePoint now) const noexcept { return known_ ? known_->cooling(now) : Duration{0}; }
  TargetHealth::Cooling why_cooling() const noexcept {
    return known_ ? known_->why_cooling() : TargetHealth::Cooling::rate_limited;
  }
  TimePoint usable_from(TimePoint now) const noexcept { return known_ ? known_->usable_from(now, project_) : now; }

  void on_success() const {
    // Others may have failed meanwhile: a success ends their row.
    if (!known_ && table_->version() != version_) known_ = table_->find(HealthTable::key(provider_, model_));
    if (known_) known_->on_success();
  }
  bool on_failure(TargetHealth::Pass pass, TimePoint now) const { return made(now) && known_->on_failure(pass, now); }
  void on_cooling(TargetHealth::Pass pass, TimePoint now, TargetHealth::Cooling why,
                  std::optional<std::chrono::milliseconds> wish) const {
    if (made(now)) known_->on_cooling(pass, now, why, wish);
  }
  void on_cancelled(TargetHealth::Pass pass) const noexcept {
    if (known_) known_->on_cancelled(pass);
  }

 private:
  // Always the table's: the one known may have been dropped there. Without room there is none, and all are admitted.
  bool made(TimePoint now) const {
    if (auto entry = table_->make(HealthTable::key(provider_, model_), now)) known_ = std::move(entry);
    return known_ != nullptr;
  }

  HealthTable* table_ = nullptr;
  std::string_view provider_, model_;
  ProjectMark project_ = nullptr;
  std::uint64_t version_ = 0;
  mutable std::shared_ptr<TargetHealth> known_;
};

}  // namespace gateway
