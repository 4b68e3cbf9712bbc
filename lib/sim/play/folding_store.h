// A store that keeps no rows: each is reported once it is closed, and only sums are left of it.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "gateway/store.h"
#include "gateway/testing/memory_store.h"
#include "sim/memory_accounts.h"
#include "sim/memory_rows.h"

namespace gateway::sim {

// One thread. Accounts, processes, projects and keys are as those of a MemoryStore. Queries for rows and
// for usage find none: no client of a play reads what its project has used.
class FoldingStore final : public Store {
 public:
  explicit FoldingStore(std::function<void(const Row&)> on_closed) : on_closed_(std::move(on_closed)) {}

  Result<void> append(const Batch& batch) override;
  Result<std::vector<UsageSum>> usage(const UsageQuery&) override { return std::vector<UsageSum>(); }
  Result<void> rows(const RowQuery&, const std::function<bool(const Row&)>&) override { return {}; }
  Result<std::vector<Row>> open_rows(std::uint64_t) override { return std::vector<Row>(); }
  Result<LedgerProof> verify() override;
  Result<std::int64_t> prune(WallTime, WallTime) override { return std::int64_t{0}; }

  Result<std::vector<AccountState>> accounts(std::uint64_t process, std::span<const AccountKey> keys) override;
  Result<std::vector<Money>> change_slices(std::uint64_t process, std::span<const SliceChange> changes) override;
  Result<void> release_leases(std::uint64_t process) override { return others_.release_leases(process); }
  Result<void> heartbeat(std::uint64_t process, WallTime now, std::chrono::milliseconds life) override {
    return others_.heartbeat(process, now, life);
  }
  Result<std::vector<ProcessState>> processes(WallTime now) override { return others_.processes(now); }
  Result<void> fence(std::uint64_t process, WallTime now) override { return others_.fence(process, now); }

  Result<std::uint64_t> tenants_version() override { return others_.tenants_version(); }
  Result<TenantChange> tenants() override { return others_.tenants(); }
  Result<void> put_project(const ProjectConfig& project, const ProjectConfig* replaced) override {
    return others_.put_project(project, replaced);
  }
  Result<void> delete_project(std::string_view name) override { return others_.delete_project(name); }
  Result<void> put_key(const ApiKey& key, bool project_is_stored) override {
    return others_.put_key(key, project_is_stored);
  }
  Result<ApiKey> end_key(std::string_view id, WallTime when, WallTime now) override {
    return others_.end_key(id, when, now);
  }
  Result<ApiKey> rotate_key(std::string_view id, const ApiKey& successor, WallTime when, WallTime now) override {
    return others_.rotate_key(id, successor, when, now);
  }

 private:
  using Quarter = std::pair<std::int64_t, std::string>;  // a project's quarter of an hour, since 1970
  Row& sum_of(const Row& row);

  std::function<void(const Row&)> on_closed_;
  testing::MemoryStore others_;
  testing::MemoryAccounts accounts_;
  testing::MemoryRows sums_;               // as if each quarter of an hour had had one row of each project
  std::map<Quarter, std::size_t> places_;  // in sums_.pruned
  std::int64_t closed_ = 0;
};

}  // namespace gateway::sim
