// A Store that keeps everything in memory, for tests and for trying things out.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "gateway/store.h"

namespace gateway::testing {

/// Does all that Store promises but for outliving the process. Any thread, so that a test may look while the library
/// works. A sum over nothing without `by` is one sum of zeros. A deleted project's keys count as revoked from their
/// beginning.
class MemoryStore final : public Store {
 public:
  MemoryStore();
  ~MemoryStore() override;

  Result<void> append(const Batch& batch) override;
  Result<std::vector<UsageSum>> usage(const UsageQuery& query) override;
  Result<void> rows(const RowQuery& query, const std::function<bool(const Row&)>& each) override;
  Result<std::vector<Row>> open_rows(std::uint64_t process) override;
  Result<LedgerProof> verify() override;
  Result<std::int64_t> prune(WallTime before, WallTime now) override;
  Result<std::vector<AccountState>> accounts(std::uint64_t process, std::span<const AccountKey> keys) override;
  Result<std::vector<Money>> change_slices(std::uint64_t process, std::span<const SliceChange> changes) override;
  Result<void> release_leases(std::uint64_t process) override;
  Result<void> heartbeat(std::uint64_t process, WallTime now, std::chrono::milliseconds life) override;
  Result<std::vector<ProcessState>> processes(WallTime now) override;
  Result<void> fence(std::uint64_t process, WallTime now) override;
  Result<std::uint64_t> tenants_version() override;
  Result<TenantChange> tenants() override;
  Result<void> put_project(const ProjectConfig& project, const ProjectConfig* replaced) override;
  Result<void> delete_project(std::string_view name) override;
  Result<void> put_key(const ApiKey& key, bool project_is_stored = false) override;
  Result<ApiKey> end_key(std::string_view id, WallTime when, WallTime now) override;
  Result<ApiKey> rotate_key(std::string_view id, const ApiKey& successor, WallTime when, WallTime now) override;

  /// --- failing on purpose. A call that fails has changed nothing.
  void fail_next(std::size_t calls, ErrorCode code = ErrorCode::unavailable);
  /// Only the n-th call from now, counted from 1.
  void fail_nth(std::size_t n, ErrorCode code = ErrorCode::unavailable);
  /// Every call, until fail_never().
  void fail_always(ErrorCode code = ErrorCode::unavailable);
  void fail_never();
  std::size_t calls() const;  ///< made so far, those that failed too

  /// --- looking: not counted as calls, and never failing
  std::vector<Row> all_rows() const;  ///< by request, attempt, entry
  std::optional<Row> row(const RequestId& request, std::uint16_t attempt = 1, std::uint16_t entry = 0) const;
  std::vector<RefusalCount> all_refusals() const;
  AccountState account_now(std::uint64_t process, const AccountKey& key) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gateway::testing
