// The reference: all rows that ever were, summed anew whenever somebody asks. Too simple to be wrong.
#pragma once

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "gateway/config.h"
#include "gateway/journal.h"
#include "gateway/row.h"
#include "gateway/store.h"
#include "policy/limits/period.h"

namespace gateway {

class Books {
 public:
  using Id = std::tuple<RequestId, std::uint16_t, std::uint16_t>;

  void add(const Row& row) {
    const auto [there, added] = rows_.try_emplace({row.request, row.attempt, row.entry}, row);
    if (!added && there->second.state == RowState::open) there->second = row;
    if (added && row.entry == 0) attempts_[{row.client_request_id.str(), row.attempt}] = there->first;
  }
  // What the journal holds and is not yet confirmed.
  void read(const Journal& journal) {
    Journal::Records records;
    journal.read(records, journal.capacity());
    for (const Row& row : records.rows) add(row);
  }
  // The process died: what it had open costs what was held.
  void interrupt(std::uint64_t process) {
    for (auto& [id, row] : rows_) {
      if (row.process != process || row.state != RowState::open) continue;
      row.state = RowState::interrupted;
      row.cost = row.hold;
      row.cost_source = CostSource::held;
    }
  }

  const Row* find(const std::string& name, std::uint16_t attempt) const {
    const auto found = attempts_.find({name, attempt});
    return found == attempts_.end() ? nullptr : &rows_.at(found->second);
  }
  const std::map<Id, Row>& rows() const { return rows_; }

  struct Sum {
    MoneySum closed, held;
  };
  Sum sum(const AccountKey& account) const {
    Sum sum;
    for (const auto& [id, row] : rows_) {
      if (row.project.view() != account.project || row.accepted < account.start || row.accepted >= account.end)
        continue;
      if (row.state == RowState::open) {
        sum.held += row.hold;
      } else {
        sum.closed += row.cost;
      }
    }
    return sum;
  }
  // Of each period, of that kind, in which something was accepted.
  std::vector<AccountKey> accounts(const std::string& project, Period period, const Zone& zone) const {
    std::vector<AccountKey> out;
    for (const auto& [id, row] : rows_) {
      const PeriodBounds bounds = period_of(period, row.accepted, zone);
      const AccountKey key{project, period, bounds.start, bounds.end};
      if (row.project.view() == project && std::find(out.begin(), out.end(), key) == out.end()) out.push_back(key);
    }
    return out;
  }

 private:
  std::map<Id, Row> rows_;
  std::map<std::pair<std::string, std::uint16_t>, Id> attempts_;
};

}  // namespace gateway
