// A store in front of another, to be derived from by those that do one thing otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/store.h"

namespace gateway {

class ForwardingStore : public Store {
 public:
  // It outlives this one, and may be a member of what is derived.
  explicit ForwardingStore(Store& behind) : behind_(behind) {}

  Result<void> append(const Batch& batch) override { return behind_.append(batch); }
  Result<std::vector<UsageSum>> usage(const UsageQuery& query) override { return behind_.usage(query); }
  Result<void> rows(const RowQuery& query, const std::function<bool(const Row&)>& each) override {
    return behind_.rows(query, each);
  }
  Result<std::optional<std::string>> provider_of_answer(const std::string& project, std::string_view id) override {
    return behind_.provider_of_answer(project, id);
  }
  Result<std::vector<Row>> open_rows(std::uint64_t process) override { return behind_.open_rows(process); }
  Result<std::vector<AccountState>> accounts(std::uint64_t process, std::span<const AccountKey> keys) override {
    return behind_.accounts(process, keys);
  }
  Result<std::vector<Money>> change_slices(std::uint64_t process, std::span<const SliceChange> changes) override {
    return behind_.change_slices(process, changes);
  }
  Result<void> release_leases(std::uint64_t process) override { return behind_.release_leases(process); }
  Result<void> heartbeat(std::uint64_t process, WallTime now, std::chrono::milliseconds life) override {
    return behind_.heartbeat(process, now, life);
  }
  Result<std::vector<ProcessState>> processes(WallTime now) override { return behind_.processes(now); }
  Result<void> fence(std::uint64_t process, WallTime now) override { return behind_.fence(process, now); }
  Result<LedgerProof> verify() override { return behind_.verify(); }
  Result<std::int64_t> prune(WallTime before, WallTime now) override { return behind_.prune(before, now); }
  Result<std::uint64_t> tenants_version() override { return behind_.tenants_version(); }
  Result<TenantChange> tenants() override { return behind_.tenants(); }
  Result<void> put_project(const ProjectConfig& project, const ProjectConfig* replaced) override {
    return behind_.put_project(project, replaced);
  }
  Result<void> delete_project(std::string_view name) override { return behind_.delete_project(name); }
  Result<void> put_key(const ApiKey& key, bool project_is_stored = false) override {
    return behind_.put_key(key, project_is_stored);
  }
  Result<ApiKey> end_key(std::string_view id, WallTime when, WallTime now) override {
    return behind_.end_key(id, when, now);
  }
  Result<ApiKey> rotate_key(std::string_view id, const ApiKey& successor, WallTime when, WallTime now) override {
    return behind_.rotate_key(id, successor, when, now);
  }

 private:
  Store& behind_;
};

}  // namespace gateway
