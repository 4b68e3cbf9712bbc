#include "sim/play/folding_store.h"

namespace gateway::sim {
namespace {

std::int64_t quarter_of(const Row& row) {
  return std::chrono::floor<std::chrono::minutes>(row.accepted.time_since_epoch()).count() / 15;
}

}  // namespace

Row& FoldingStore::sum_of(const Row& row) {
  std::vector<Row>& sums = sums_.pruned;
  if (!sums.empty() && sums.back().project == row.project && quarter_of(sums.back()) == quarter_of(row))
    return sums.back();
  const auto [place, is_new] = places_.try_emplace({quarter_of(row), row.project.str()}, sums.size());
  if (is_new) {
    Row& sum = sums.emplace_back();
    sum.request = row.request;
    sum.state = RowState::settled;
    sum.project = row.project;
    sum.accepted = row.accepted;
  }
  return sums[place->second];
}

Result<void> FoldingStore::append(const Batch& batch) {
  for (const Row& row : batch.rows) {
    if (row.state == RowState::open) continue;
    ++closed_;
    accounts_.closed(row);
    Row& sum = sum_of(row);
    sum.cost = sum.cost.plus_saturated(row.cost);  // of a quarter of an hour: millions of dollars fit
    sum.usage += row.usage;
    on_closed_(row);
  }
  return {};
}

Result<LedgerProof> FoldingStore::verify() {
  LedgerProof proof;
  proof.rows = closed_;
  proof.accounts = accounts_.verify(sums_, proof.findings);
  return proof;
}

Result<std::vector<AccountState>> FoldingStore::accounts(std::uint64_t process, std::span<const AccountKey> keys) {
  std::vector<AccountState> states;
  for (const AccountKey& key : keys) states.push_back(accounts_.state(process, key, sums_));
  return states;
}

Result<std::vector<Money>> FoldingStore::change_slices(std::uint64_t process, std::span<const SliceChange> changes) {
  std::vector<Money> made;
  for (const SliceChange& each : changes) made.push_back(accounts_.change(process, each, sums_));
  return made;
}

}  // namespace gateway::sim
