#include "billing/reconcile.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "billing/bill_days.h"

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

Result<void> each_row(Ledger& ledger, const ReconcileQuery& query, const std::function<void(const Row&)>& each) {
  RowQuery rows;
  rows.provider = query.provider;
  rows.since = query.since;
  rows.until = query.until;
  rows.newest_first = false;
  rows.limit = 0;
  return ledger.rows(rows, [&](const Row& row) {
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

// Whether a day is among those that the query compares, and whether the bill has a line of it.
class Days {
 public:
  Days(const ReconcileQuery& query, const std::vector<ActivityRow>& bill)
      : covers_(query.covers), first_(day_of(query.since, query.zone)), end_(day_of(query.until, query.zone)) {
    for (const ActivityRow& row : bill) billed_.insert(row.day);
  }
  bool billed(const std::string& day) const { return billed_.find(day) != billed_.end(); }
  bool compared(const std::string& day) const {
    return day >= first_ && day < end_ && (covers_ != BillCovers::its_days || billed(day));
  }

 private:
  BillCovers covers_;
  std::string first_, end_;
  std::set<std::string> billed_;
};

Result<std::vector<UsageSum>> sums_by_day(Ledger& ledger, const ReconcileQuery& query) {
  UsageQuery sums;
  sums.provider = query.provider;
  sums.since = query.since;
  sums.until = query.until;
  sums.by = {UsageKey::day};
  sums.zone = query.zone;
  return ledger.usage(sums);
}

// What the provider itself charges for a row.
MoneySum own_part(const Row& row) { return MoneySum(row.cost) - MoneySum(row.upstream_cost); }

using Lines = std::map<Place, ReconciledLine>;

// The day's lines become one, of what is left of the day: its sum.
void make_whole(Lines& lines, const UsageSum& sum) {
  const std::string& day = sum.key.front();
  ReconciledLine whole;
  auto each = lines.lower_bound({day, ""});
  while (each != lines.end() && each->first.first == day) {
    whole.billed += each->second.billed;
    whole.byok += each->second.byok;
    whole.billed_requests += each->second.billed_requests;
    whole.billed_input += each->second.billed_input;
    whole.billed_output += each->second.billed_output;
    each = lines.erase(each);
  }
  whole.day = day;
  whole.model = kAllModels;
  whole.ledger = sum.cost - sum.upstream_cost;
  whole.ledger_byok = sum.upstream_cost;
  whole.ledger_requests = sum.attempts - sum.failed;
  whole.ledger_input = sum.usage.input;
  whole.ledger_output = sum.usage.output;
  whole.open = sum.open;
  whole.pruned = true;
  lines.emplace(Place{day, whole.model}, std::move(whole));
}

// An answer of OpenRouter's that brings the cost of a cut off call comes within two minutes.
constexpr std::chrono::minutes kCostIsAskedFor{10};

bool may_still_change(const Row& row, WallTime now) {
  return (row.flags & row_flag::backfill_pending) != 0 && row.entry == 0 && row.ended > now - kCostIsAskedFor;
}

struct Share {
  Row last;  // the project's last row of that day and model
  std::uint16_t entries = 0;
  MoneySum cost;
};

// The rows of one line.
struct Shares {
  std::map<std::string, Share> projects;
  MoneySum cost;
  std::int64_t asked_for = 0;  // their cost may still change
};

std::string count_of_rows(std::int64_t count) { return std::to_string(count) + (count == 1 ? " row" : " rows"); }

// Empty: there is none. `open`: the day's rows that are, whatever the model: another one may answer than was requested.
std::string reason_against(const ReconciledLine& line, const Shares& shares, std::int64_t open,
                           const ReconcileQuery& query, WallTime now) {
  if (line.day >= day_of(now, query.zone)) return "the day is not over";
  if (!line.billed_day && query.covers != BillCovers::vouched) {
    return "the bill has no line of that day; a day named by --day, or by --since and --until, is booked nevertheless";
  }
  if (open > 0) {
    return count_of_rows(open) +
           " of that day still open: they bring their cost; 'gateway ledger sweep' closes what a crash left open";
  }
  if (shares.asked_for > 0) return "the cost of " + count_of_rows(shares.asked_for) + " is still being asked for";
  if (line.pruned) return "rows of that day were pruned";
  return shares.projects.empty() ? "the ledger has no row of that day and model" : "";
}

}  // namespace

Result<std::vector<ReconciledLine>> reconcile(Ledger& ledger, const ReconcileQuery& query,
                                              const std::vector<ActivityRow>& bill) {
  const BillNames names(bill);
  const Days days(query, bill);
  Lines lines;
  const auto line = [&](const std::string& day, const std::string& model) -> ReconciledLine& {
    ReconciledLine& out = lines[{day, model}];
    out.day = day;
    out.model = model;
    return out;
  };
  for (const ActivityRow& row : bill) {
    if (!days.compared(row.day)) continue;
    ReconciledLine& out = line(row.day, row.model);
    out.billed += row.usage;
    out.byok += row.byok_usage;
    out.billed_requests += row.requests;
    out.billed_input += row.prompt_tokens;
    out.billed_output += row.completion_tokens;
  }
  // Before the rows: then there are fewer rows than the sums know of only if some were pruned.
  const auto sums = sums_by_day(ledger, query);
  if (!sums) return sums.error();
  std::map<std::string, std::int64_t> attempts;
  auto read = each_row(ledger, query, [&](const Row& row) {
    const std::string day = day_of(row.accepted, query.zone);
    if (!days.compared(day)) return;
    if (row.entry == 0) ++attempts[day];
    const bool did_nothing = row.state == RowState::failed && row.cost.is_zero();
    if (did_nothing) return;
    ReconciledLine& out = line(day, names.of(day, row));
    out.ledger += own_part(row);
    out.ledger_byok += row.upstream_cost;
    out.ledger_input += row.usage.input;
    out.ledger_output += row.usage.output;
    if (row.entry == 0) ++out.ledger_requests;
    if (row.state == RowState::open) ++out.open;
  });
  if (!read) return std::move(read).error();
  for (const UsageSum& sum : *sums) {
    const std::string& day = sum.key.front();
    if (days.compared(day) && attempts[day] < sum.attempts) make_whole(lines, sum);
  }
  std::vector<ReconciledLine> out;
  out.reserve(lines.size());
  for (auto& [place, each] : lines) {
    each.billed_day = days.billed(each.day);
    out.push_back(std::move(each));
  }
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

MoneySum absolute_difference(const std::vector<ReconciledLine>& lines) {
  MoneySum sum;
  for (const ReconciledLine& line : lines) {
    const MoneySum difference = line.difference();
    sum += difference.is_negative() ? MoneySum{} - difference : difference;
  }
  return sum;
}

Result<Booking> plan_booking(Ledger& ledger, const ReconcileQuery& query, const std::vector<ActivityRow>& bill,
                             const std::vector<ReconciledLine>& lines, std::uint64_t process, WallTime now) {
  const BillNames names(bill);
  std::map<Place, Shares> shares;
  std::map<std::string, std::int64_t> open;  // by day
  for (const ReconciledLine& line : lines) shares[{line.day, line.model}];
  auto read = each_row(ledger, query, [&](const Row& row) {
    const std::string day = day_of(row.accepted, query.zone);
    if (row.state == RowState::open) {
      ++open[day];
      return;
    }
    const auto found = shares.find({day, names.of(day, row)});
    if (found == shares.end()) return;
    found->second.cost += own_part(row);
    found->second.asked_for += may_still_change(row, now) ? 1 : 0;
    Share& share = found->second.projects[row.project.str()];
    share.cost += own_part(row);
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
    Shares& rows = shares[{line.day, line.model}];
    auto& projects = rows.projects;
    std::erase_if(projects, [](const auto& each) { return each.second.last.request == RequestId{}; });
    if (std::string reason = reason_against(line, rows, open[line.day], query, now); !reason.empty()) {
      out.not_booked.push_back({line, std::move(reason)});
      continue;
    }
    std::vector<std::int64_t> weights;
    for (const auto& [name, share] : projects)
      weights.push_back(std::max<std::int64_t>(0, share.cost.to_money_saturated().units()));
    // From these rows, not those of the comparison: some may have come in between.
    const std::vector<Money> parts = spread((line.billed - rows.cost).to_money_saturated(), weights);
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
      row.upstream_cost = {};
      row.flags = 0;
      row.error_code = "reconciled";
      row.ended = now;
      out.adjustments.push_back(row);
    }
  }
  return out;
}

}  // namespace gateway
