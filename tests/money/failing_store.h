// A store whose n-th call fails, in front of one that is real.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/store.h"

namespace gateway {

// Forwards each call. One that fails has done nothing, or (`unsure`) has done all of it: then only its answer was lost.
class FailingStore final : public Store {
 public:
  enum class How { nothing_done, unsure };

  explicit FailingStore(std::unique_ptr<Store> real) : real_(std::move(real)) {}

  // The n-th call from now (from 1) fails, and `times` in all from it on.
  void fail(std::size_t nth, How how, std::size_t times = 1) {
    from_ = calls_ + nth;
    until_ = times == kForEver ? kForEver : from_ + times;
    how_ = how;
    failed_ = 0;
  }
  void heal() { until_ = 0; }
  std::size_t failed() const { return failed_; }  // since fail()
  std::size_t calls() const { return calls_; }
  Store& real() { return *real_; }

  static constexpr std::size_t kForEver = std::numeric_limits<std::size_t>::max();

  Result<void> append(const Batch& batch) override {
    return call([&] { return real_->append(batch); });
  }
  Result<std::vector<UsageSum>> usage(const UsageQuery& query) override {
    return call([&] { return real_->usage(query); });
  }
  Result<void> rows(const RowQuery& query, const std::function<bool(const Row&)>& each) override {
    return call([&] { return real_->rows(query, each); });
  }
  Result<std::vector<Row>> open_rows(std::uint64_t process) override {
    return call([&] { return real_->open_rows(process); });
  }
  Result<std::vector<AccountState>> accounts(std::uint64_t process, std::span<const AccountKey> keys) override {
    return call([&] { return real_->accounts(process, keys); });
  }
  Result<std::vector<Money>> change_slices(std::uint64_t process, std::span<const SliceChange> changes) override {
    return call([&] { return real_->change_slices(process, changes); });
  }
  Result<void> release_leases(std::uint64_t process) override {
    return call([&] { return real_->release_leases(process); });
  }
  Result<void> heartbeat(std::uint64_t process, WallTime now, std::chrono::milliseconds life) override {
    return call([&] { return real_->heartbeat(process, now, life); });
  }
  Result<std::vector<ProcessState>> processes(WallTime now) override {
    return call([&] { return real_->processes(now); });
  }
  Result<void> fence(std::uint64_t process, WallTime now) override {
    return call([&] { return real_->fence(process, now); });
  }
  Result<LedgerProof> verify() override {
    return call([&] { return real_->verify(); });
  }
  Result<std::int64_t> prune(WallTime before, WallTime now) override {
    return call([&] { return real_->prune(before, now); });
  }
  Result<std::uint64_t> tenants_version() override {
    return call([&] { return real_->tenants_version(); });
  }
  Result<TenantChange> tenants() override {
    return call([&] { return real_->tenants(); });
  }
  Result<void> put_project(const ProjectConfig& project, const ProjectConfig* replaced) override {
    return call([&] { return real_->put_project(project, replaced); });
  }
  Result<void> delete_project(std::string_view name) override {
    return call([&] { return real_->delete_project(name); });
  }
  Result<void> put_key(const ApiKey& key, bool project_is_stored = false) override {
    return call([&] { return real_->put_key(key, project_is_stored); });
  }
  Result<ApiKey> end_key(std::string_view id, WallTime when, WallTime now) override {
    return call([&] { return real_->end_key(id, when, now); });
  }
  Result<ApiKey> rotate_key(std::string_view id, const ApiKey& successor, WallTime when, WallTime now) override {
    return call([&] { return real_->rotate_key(id, successor, when, now); });
  }

 private:
  template <class Forward>
  auto call(Forward forward) -> decltype(forward()) {
    const std::size_t number = ++calls_;
    const bool fails = number >= from_ && number < until_;
    if (fails) ++failed_;
    if (fails && how_ == How::nothing_done) return Error{ErrorCode::unavailable, "the test lets this call fail"};
    auto done = forward();
    if (fails) return Error{ErrorCode::unavailable, "the test loses this call's answer"};
    return done;
  }

  std::unique_ptr<Store> real_;
  std::size_t calls_ = 0;
  std::size_t from_ = 0, until_ = 0;
  std::size_t failed_ = 0;
  How how_ = How::nothing_done;
};

}  // namespace gateway
