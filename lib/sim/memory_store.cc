#include "gateway/testing/memory_store.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>

#include "base/key_life.h"
#include "ledger/usage_value.h"
#include "ledger/verify.h"
#include "sim/memory_accounts.h"
#include "sim/memory_processes.h"
#include "sim/memory_usage.h"

namespace gateway::testing {
namespace {

constexpr std::size_t kNever = static_cast<std::size_t>(-1);

constexpr const char* kCrookedPeriod = "an account's period must begin and end on a quarter of an hour";

bool on_quarters(const AccountKey& key) {
  const auto on_quarter = [](WallTime time) {
    return time == WallTime::min() || time == WallTime::max() ||
           time.time_since_epoch() % std::chrono::minutes(15) == WallTime::duration::zero();
  };
  return on_quarter(key.start) && on_quarter(key.end);
}

auto identity(const Row& row) { return std::tie(row.request, row.attempt, row.entry); }
auto identity(const RefusalCount& r) { return std::tuple(r.minute, r.project.view(), r.model.view(), r.code.view()); }

}  // namespace

struct MemoryStore::State {
  mutable std::mutex mutex;
  std::size_t calls = 0;
  std::size_t fail_from = kNever, fail_until = kNever;  // in calls
  ErrorCode failure = ErrorCode::unavailable;

  MemoryRows rows;
  std::optional<WallTime> pruned_before;
  std::vector<RefusalCount> refusals;
  MemoryAccounts accounts;
  MemoryProcesses processes;

  std::map<std::string, ProjectConfig, std::less<>> projects;
  std::map<std::string, ApiKey, std::less<>> keys;
  std::uint64_t version = 1;

  Result<void> check_not_fenced(std::uint64_t process) const {
    if (!processes.is_fenced(process)) return {};
    return Error{ErrorCode::fenced, "this process was taken for dead, and its rows were closed"};
  }

  // Each call of Store begins with it.
  Result<void> begin_call() {
    const std::size_t call = calls++;
    if (call >= fail_from && call < fail_until) return Error{failure, "the test lets this call fail"};
    return {};
  }

  void put(const Row& row) {
    auto& there = rows.there;
    const auto place = std::lower_bound(there.begin(), there.end(), row,
                                        [](const Row& a, const Row& b) { return identity(a) < identity(b); });
    if (place == there.end() || identity(*place) != identity(row)) {
      there.insert(place, row);
    } else if (place->state == RowState::open) {
      *place = row;
    } else {
      return;
    }
    if (row.state != RowState::open) accounts.closed(row);
  }

  void count(const RefusalCount& refusal) {
    const auto same = std::find_if(refusals.begin(), refusals.end(),
                                   [&](const RefusalCount& r) { return identity(r) == identity(refusal); });
    if (same == refusals.end()) {
      refusals.push_back(refusal);
    } else {
      same->count += refusal.count;
    }
  }

  Result<void> insert_key(const ApiKey& key) {
    for (const auto& [id, other] : keys) {
      if (id == key.id) return Error{ErrorCode::exists, "a key with the id '" + id + "' exists"};
      if (other.hash == key.hash) return Error{ErrorCode::exists, "another key has the same text"};
    }
    keys.emplace(key.id, key);
    ++version;
    return {};
  }

  void fail(std::size_t from, std::size_t until, ErrorCode code) {
    const std::lock_guard lock(mutex);
    fail_from = from == kNever ? kNever : calls + from;
    fail_until = until == kNever ? kNever : calls + until;
    failure = code;
  }
};

MemoryStore::MemoryStore() : state_(std::make_unique<State>()) {}
MemoryStore::~MemoryStore() = default;

Result<void> MemoryStore::append(const Batch& batch) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return begun;
  if (auto allowed = state_->check_not_fenced(batch.writer); !allowed) return allowed;
  for (const Row& row : batch.rows) state_->put(row);
  for (const RefusalCount& refusal : batch.refusals) state_->count(refusal);
  return {};
}

Result<std::vector<UsageSum>> MemoryStore::usage(const UsageQuery& query) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return std::move(begun).error();
  return sum_usage(query, state_->rows, state_->refusals);
}

Result<void> MemoryStore::rows(const RowQuery& query, const std::function<bool(const Row&)>& each) {
  std::vector<Row> found;
  {
    const std::lock_guard lock(state_->mutex);
    if (auto begun = state_->begin_call(); !begun) return begun;
    std::copy_if(state_->rows.there.begin(), state_->rows.there.end(), std::back_inserter(found),
                 [&](const Row& row) { return matches(query, row); });
  }
  if (query.newest_first && !query.after) std::reverse(found.begin(), found.end());
  if (query.limit > 0 && found.size() > static_cast<std::size_t>(query.limit)) {
    found.resize(static_cast<std::size_t>(query.limit));
  }
  for (const Row& row : found) {
    if (!each(row)) break;
  }
  return {};
}

Result<std::vector<Row>> MemoryStore::open_rows(std::uint64_t process) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return std::move(begun).error();
  std::vector<Row> found;
  std::copy_if(state_->rows.there.begin(), state_->rows.there.end(), std::back_inserter(found),
               [&](const Row& row) { return row.state == RowState::open && (process == 0 || row.process == process); });
  return found;
}

// Sums are added up from rows at each query: there is nothing in them to be compared.
Result<LedgerProof> MemoryStore::verify() {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return std::move(begun).error();
  LedgerProof proof;
  proof.pruned_before = state_->pruned_before;
  const Row* attempt = nullptr;  // that adjustments are of which follow
  for (const Row& row : state_->rows.there) {
    ++proof.rows;
    const std::string name = "row " + row.request.text().str();
    if (const auto fault = fault_of(row); !fault.empty()) proof.findings.push_back(name + ": " + std::string(fault));
    if (row.entry == 0) attempt = &row;
    const bool alone = attempt == nullptr || attempt->request != row.request || attempt->attempt != row.attempt;
    const bool pruned = proof.pruned_before && row.accepted < *proof.pruned_before;
    if (alone && !pruned) proof.findings.push_back(name + ": it adjusts an attempt that is not there");
  }
  proof.accounts = state_->accounts.verify(state_->rows, proof.findings);
  return proof;
}

Result<std::int64_t> MemoryStore::prune(WallTime before, WallTime now) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return std::move(begun).error();
  if (before != std::chrono::floor<std::chrono::days>(before) || before > now)
    return Error{ErrorCode::invalid, "rows are pruned by UTC days that are over"};
  auto& [there, pruned] = state_->rows;
  const auto stays = [before](const Row& row) { return row.state == RowState::open || row.accepted >= before; };
  const auto first = std::stable_partition(there.begin(), there.end(), stays);
  const auto count = static_cast<std::int64_t>(there.end() - first);
  pruned.insert(pruned.end(), first, there.end());
  there.erase(first, there.end());
  const auto minute = std::chrono::floor<std::chrono::minutes>(before).time_since_epoch().count();
  std::erase_if(state_->refusals, [minute](const RefusalCount& refusal) { return refusal.minute < minute; });
  state_->pruned_before = std::max(before, state_->pruned_before.value_or(before));
  return count;
}

Result<std::vector<AccountState>> MemoryStore::accounts(std::uint64_t process, std::span<const AccountKey> keys) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return std::move(begun).error();
  if (!std::all_of(keys.begin(), keys.end(), on_quarters)) return Error{ErrorCode::invalid, kCrookedPeriod};
  std::vector<AccountState> states;
  for (const AccountKey& key : keys) states.push_back(state_->accounts.state(process, key, state_->rows));
  return states;
}

Result<std::vector<Money>> MemoryStore::change_slices(std::uint64_t process, std::span<const SliceChange> changes) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return std::move(begun).error();
  if (auto allowed = state_->check_not_fenced(process); !allowed) return std::move(allowed).error();
  for (const SliceChange& each : changes) {
    if (!on_quarters(each.account)) return Error{ErrorCode::invalid, kCrookedPeriod};
  }
  std::vector<Money> made;
  for (const SliceChange& each : changes) made.push_back(state_->accounts.change(process, each, state_->rows));
  return made;
}

Result<void> MemoryStore::release_leases(std::uint64_t process) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return begun;
  state_->accounts.release(process);
  state_->processes.release(process);
  return {};
}

Result<void> MemoryStore::heartbeat(std::uint64_t process, WallTime now, std::chrono::milliseconds life) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return begun;
  if (auto allowed = state_->check_not_fenced(process); !allowed) return allowed;
  state_->processes.beat(process, now, life);
  return {};
}

Result<std::vector<ProcessState>> MemoryStore::processes(WallTime now) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return std::move(begun).error();
  return state_->processes.list(now, state_->accounts.holders());
}

Result<void> MemoryStore::fence(std::uint64_t process, WallTime) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return begun;
  state_->processes.fence(process);
  return {};
}

Result<std::uint64_t> MemoryStore::tenants_version() {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return std::move(begun).error();
  return state_->version;
}

Result<TenantChange> MemoryStore::tenants() {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return std::move(begun).error();
  TenantChange change;
  for (const auto& [name, project] : state_->projects) change.projects.push_back(project);
  for (const auto& [id, key] : state_->keys) change.keys.push_back(key);
  return change;
}

Result<void> MemoryStore::put_project(const ProjectConfig& project, const ProjectConfig* replaced) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return begun;
  const auto stored = state_->projects.find(project.name);
  const bool there = stored != state_->projects.end();
  const std::string named = "project '" + project.name + "'";
  if (project.from_file) return Error{ErrorCode::refused, named + " is defined in the configuration file"};
  if (replaced == nullptr && there) return Error{ErrorCode::exists, named + " exists"};
  if (replaced != nullptr && !there) return Error{ErrorCode::not_found, "there is no " + named};
  if (replaced != nullptr && stored->second != *replaced) {
    return Error{ErrorCode::conflict, named + " was changed meanwhile"};
  }
  state_->projects[project.name] = project;
  ++state_->version;
  return {};
}

Result<void> MemoryStore::delete_project(std::string_view name) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return begun;
  const auto project = state_->projects.find(name);
  if (project == state_->projects.end()) {
    return Error{ErrorCode::not_found, "there is no project '" + std::string(name) + "'"};
  }
  for (auto& [id, key] : state_->keys) {
    if (key.project == name && !key.revoked) key.revoked = key.created;
  }
  state_->projects.erase(project);
  ++state_->version;
  return {};
}

Result<void> MemoryStore::put_key(const ApiKey& key, bool project_is_stored) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return begun;
  if (project_is_stored && !state_->projects.contains(key.project)) {
    return Error{ErrorCode::not_found, "there is no project '" + key.project + "'"};
  }
  return state_->insert_key(key);
}

Result<ApiKey> MemoryStore::end_key(std::string_view id, WallTime when, WallTime now) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return std::move(begun).error();
  const auto found = state_->keys.find(id);
  if (found == state_->keys.end()) return Error{ErrorCode::not_found, "no key with the id '" + std::string(id) + "'"};
  gateway::end_key(found->second, when, now);
  ++state_->version;
  return found->second;
}

Result<ApiKey> MemoryStore::rotate_key(std::string_view id, const ApiKey& successor, WallTime when, WallTime now) {
  const std::lock_guard lock(state_->mutex);
  if (auto begun = state_->begin_call(); !begun) return std::move(begun).error();
  const auto found = state_->keys.find(id);
  if (found == state_->keys.end()) return Error{ErrorCode::not_found, "no key with the id '" + std::string(id) + "'"};
  if (const auto state = state_of(found->second, now); state != kActiveKey) {
    return Error{ErrorCode::refused, "key " + std::string(id) + " is " + std::string(state)};
  }
  if (auto inserted = state_->insert_key(successor); !inserted) return std::move(inserted).error();
  gateway::end_key(found->second, when, now);
  return found->second;
}

void MemoryStore::fail_next(std::size_t calls, ErrorCode code) { state_->fail(0, calls, code); }
void MemoryStore::fail_nth(std::size_t n, ErrorCode code) { state_->fail(n - 1, n, code); }
void MemoryStore::fail_always(ErrorCode code) { state_->fail(0, kNever, code); }
void MemoryStore::fail_never() { state_->fail(kNever, kNever, ErrorCode::unavailable); }

std::size_t MemoryStore::calls() const {
  const std::lock_guard lock(state_->mutex);
  return state_->calls;
}

std::vector<Row> MemoryStore::all_rows() const {
  const std::lock_guard lock(state_->mutex);
  return state_->rows.there;
}

std::optional<Row> MemoryStore::row(const RequestId& request, std::uint16_t attempt, std::uint16_t entry) const {
  const std::lock_guard lock(state_->mutex);
  for (const Row& row : state_->rows.there) {
    if (identity(row) == std::tie(request, attempt, entry)) return row;
  }
  return std::nullopt;
}

std::vector<RefusalCount> MemoryStore::all_refusals() const {
  const std::lock_guard lock(state_->mutex);
  return state_->refusals;
}

AccountState MemoryStore::account_now(std::uint64_t process, const AccountKey& key) const {
  const std::lock_guard lock(state_->mutex);
  return state_->accounts.state(process, key, state_->rows);
}

}  // namespace gateway::testing
