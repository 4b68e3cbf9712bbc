#include "ledger/reconcile.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/time_text.h"

namespace gateway {
namespace {

using Place = std::pair<std::string, std::string>;  // day, model

// What the bill calls a model, by any name it goes under that day.
class BillNames {
 public:
  explicit BillNames(const std::vector<ActivityRow>& bill) {
    for (const ActivityRow& row : bill) {
      names_[{row.day, row.model}] = row.model;
      if (!row.permaslug.empty()) names_.emplace(Place{row.day, row.permaslug}, row.model);
    }
  }
  std::string of(const std::string& day, const Row& row) const {
    for (const std::string_view name : {row.served_model.view(), row.target_model.view()}) {
      if (const auto found = names_.find({day, std::string(name)}); found != names_.end()) return found->second;
    }
    return row.served_model.empty() ? row.target_model.str() : row.served_model.str();
  }

 private:
  std::map<Place, std::string> names_;
};

Result<void> each_row(Store& store, const ReconcileQuery& query, const std::function<void(const Row&)>& each) {
  RowQuery rows;
  rows.provider = query.provider;
  rows.since = query.since;
  rows.until = query.until;
  rows.newest_first = false;
  rows.limit = 0;
  return store.rows(rows, [&](const Row& row) {
    each(row);
    return true;
  });
}

// `whole` split in proportion to `weights`, the parts adding up to it exactly: what rounding leaves goes to the last.
std::vector<Money> spread(Money whole, const std::vector<std::int64_t>& weights) {
  __extension__ using Wide = __int128;
  Wide total = 0;
  for (const std::int64_t w : weights) total += w;
  std::vector<Money> parts;
  std::int64_t left = whole.units();
  for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
    const Wide share = total > 0 ? static_cast<Wide>(whole.units()) * weights[i] / total
                                 : static_cast<Wide>(whole.units()) / static_cast<Wide>(weights.size());
    parts.push_back(Money::units(static_cast<std::int64_t>(share)));
    left -= static_cast<std::int64_t>(share);
  }
  parts.push_back(Money::units(left));
  return parts;
}

struct Share {
  Row last;  // the project's last row of that day and model
  std::uint16_t entries = 0;
  MoneySum cost;
};

}  // namespace

Result<std::vector<ReconciledLine>> reconcile(Store& store, const ReconcileQuery& query,
                                              const std::vector<ActivityRow>& bill) {
  const BillNames names(bill);
  const std::string first = day_text(query.since), end = day_text(query.until);
  std::map<Place, ReconciledLine> lines;
  const auto line = [&](const std::string& day, const std::string& model) -> ReconciledLine& {
    ReconciledLine& out = lines[{day, model}];
    out.day = day;
    out.model = model;
    return out;
  };
  for (const ActivityRow& row : bill) {
    if (row.day < first || row.day >= end) continue;
    ReconciledLine& out = line(row.day, row.model);
    out.billed += row.usage;
    out.byok += row.byok_usage;
    out.billed_requests += row.requests;
    out.billed_input += row.prompt_tokens;
    out.billed_output += row.completion_tokens;
  }
  auto read = each_row(store, query, [&](const Row& row) {
    const bool did_nothing = row.state == RowState::failed && row.cost.is_zero();
    if (did_nothing) return;
    const std::string day = day_text(row.accepted);
    ReconciledLine& out = line(day, names.of(day, row));
    out.ledger += row.cost;
    out.ledger_input += row.usage.input;
    out.ledger_output += row.usage.output;
    if (row.entry == 0) ++out.ledger_requests;
    if (row.state == RowState::open) ++out.open;
  });
  if (!read) return std::move(read).error();
  std::vector<ReconciledLine> out;
  out.reserve(lines.size());
  for (auto& [place, each] : lines) out.push_back(std::move(each));
  return out;
}

std::vector<ReconciledLine> differing(const std::vector<ReconciledLine>& lines, MoneySum tolerance) {
  std::vector<ReconciledLine> out;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(out), [&](const ReconciledLine& line) {
    const MoneySum difference = line.difference();
    return difference > tolerance || MoneySum{} - difference > tolerance;
  });
  return out;
}

Result<Booking> plan_booking(Store& store, const ReconcileQuery& query, const std::vector<ActivityRow>& bill,
                             const std::vector<ReconciledLine>& lines, std::uint64_t process, WallTime now) {
  const BillNames names(bill);
  std::map<Place, std::map<std::string, Share>> shares;
  for (const ReconciledLine& line : lines) shares[{line.day, line.model}];
  auto read = each_row(store, query, [&](const Row& row) {
    const std::string day = day_text(row.accepted);
    const auto found = shares.find({day, names.of(day, row)});
    if (found == shares.end() || row.state == RowState::open) return;
    Share& share = found->second[row.project.str()];
    share.cost += row.cost;
    const bool same = row.request == share.last.request && row.attempt == share.last.attempt;
    if (row.entry == 0) {
      share.last = row;
      share.entries = 0;
    } else if (same) {
      share.entries = std::max(share.entries, row.entry);
    }
  });
  if (!read) return std::move(read).error();

  Booking out;
  for (const ReconciledLine& line : lines) {
    auto& projects = shares[{line.day, line.model}];
    std::erase_if(projects, [](const auto& each) { return each.second.last.request == RequestId{}; });
    if (projects.empty()) {
      out.impossible.push_back(line);
      continue;
    }
    std::vector<std::int64_t> weights;
    for (const auto& [name, share] : projects)
      weights.push_back(std::max<std::int64_t>(0, share.cost.to_money_saturated().units()));
    const std::vector<Money> parts = spread(line.difference().to_money_saturated(), weights);
    std::size_t i = 0;
    for (const auto& [name, share] : projects) {
      const Money part = parts[i++];
      if (part.is_zero()) continue;
      Row row = share.last;
      row.entry = static_cast<std::uint16_t>(share.entries + 1);
      row.state = RowState::adjustment;
      row.cost_source = CostSource::provider;
      row.process = process;
      row.usage = {};
      row.hold = {};
      row.cost = part;
      row.flags = 0;
      row.error_code = "reconciled";
      row.ended = now;
      out.adjustments.push_back(row);
    }
  }
  return out;
}

}  // namespace gateway
