#include "operations/usage.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "ledger/usage_value.h"
#include "operations/page_start.h"

namespace gateway::operations {
namespace {

using SumKey = std::vector<std::string>;

void add(UsageSum& total, const UsageSum& sum) {
  total.requests += sum.requests;
  total.attempts += sum.attempts;
  total.failed += sum.failed;
  total.open += sum.open;
  total.refused += sum.refused;
  total.usage += sum.usage;
  total.cost += sum.cost;
  total.upstream_cost += sum.upstream_cost;
  total.held += sum.held;
  total.last = std::max(total.last, sum.last);
}

// Whether `a` comes first.
bool is_larger(UsageOrder order, const UsageSum& a, const UsageSum& b) {
  const auto tokens = [](const UsageSum& sum) { return sum.usage.input + sum.usage.output; };
  switch (order) {
    case UsageOrder::requests:
      return std::tuple(a.requests, a.refused) > std::tuple(b.requests, b.refused);
    case UsageOrder::tokens:
      return tokens(a) > tokens(b);
    case UsageOrder::key:
    case UsageOrder::cost:
      break;
  }
  return std::tuple(a.cost, a.requests, a.refused) > std::tuple(b.cost, b.requests, b.refused);
}

// The parts of a sum's key that are no times.
SumKey names_of(const UsageSum& sum, const std::vector<UsageKey>& by) {
  SumKey names;
  for (std::size_t i = 0; i < by.size(); ++i) {
    if (!calendar_unit(by[i])) names.push_back(sum.key[i]);
  }
  return names;
}

std::set<SumKey> top_names(const std::vector<UsageSum>& sums, const std::vector<UsageKey>& by,
                           const UsageShape& shape) {
  std::map<SumKey, UsageSum> totals;
  for (const UsageSum& sum : sums) add(totals[names_of(sum, by)], sum);
  std::vector<const std::pair<const SumKey, UsageSum>*> ranked;
  for (const auto& each : totals) ranked.push_back(&each);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [&shape](const auto* a, const auto* b) { return is_larger(shape.order, a->second, b->second); });
  std::set<SumKey> top;
  for (const auto* each : ranked) {
    if (static_cast<std::int64_t>(top.size()) == shape.top) break;
    top.insert(each->first);
  }
  return top;
}

// The times that a sum's key begins with.
SumKey leading_times(const UsageSum& sum, const std::vector<UsageKey>& by) {
  const auto end = std::find_if_not(by.begin(), by.end(), calendar_unit);
  return {sum.key.begin(), sum.key.begin() + (end - by.begin())};
}

// Sums up what is not among the top, for each combination of the times. It follows the top ones of the same times.
std::vector<UsageSum> with_others(std::vector<UsageSum> sums, const std::vector<UsageKey>& by,
                                  const UsageShape& shape) {
  const std::set<SumKey> top = top_names(sums, by, shape);
  std::vector<UsageSum> kept;
  std::map<SumKey, UsageSum> others;
  const auto add_others = [&] {
    for (auto& [key, sum] : others) {
      sum.key = key;
      kept.push_back(std::move(sum));
    }
    others.clear();
  };
  SumKey times;
  for (UsageSum& sum : sums) {
    if (SumKey next = leading_times(sum, by); next != times) {
      add_others();
      times = std::move(next);
    }
    if (top.contains(names_of(sum, by))) {
      kept.push_back(std::move(sum));
      continue;
    }
    SumKey key = sum.key;
    for (std::size_t i = 0; i < by.size(); ++i) {
      if (!calendar_unit(by[i])) key[i] = kOtherSums;
    }
    add(others[key], sum);
  }
  add_others();
  return kept;
}

}  // namespace

std::string_view name_of(UsageKey key) noexcept {
  for (const UsageKeyName& each : kUsageKeys) {
    if (each.key == key) return each.name;
  }
  return {};
}

Result<UsageAnswer> usage(const Deployment& deployment, const UsageQuery& query, const Page& page,
                          const UsageShape& shape) {
  const auto store = expect_store(deployment);
  if (!store) return store.error();
  if (auto known = expect_projects(deployment, query.project); !known) return std::move(known).error();
  PageStart start(page.cursor);
  const bool only_times = std::all_of(query.by.begin(), query.by.end(), calendar_unit);
  if (shape.top > 0 && only_times)
    return Error{ErrorCode::invalid, "top: expected `by` to have something beside times, such as model"};
  UsageQuery by_id = query;
  auto keys = key_ids(deployment, query.key);
  if (!keys) return std::move(keys).error();
  by_id.key = std::move(*keys);
  auto sums = (*store)->usage(by_id);
  if (!sums) return std::move(sums).error();
  if (shape.top > 0) *sums = with_others(std::move(*sums), query.by, shape);
  if (shape.order != UsageOrder::key) {
    std::stable_sort(sums->begin(), sums->end(),
                     [&shape](const UsageSum& a, const UsageSum& b) { return is_larger(shape.order, a, b); });
  }
  UsageAnswer answer;
  answer.all = sums->size();
  for (UsageSum& sum : *sums) {
    add(answer.total, sum);
    if (!start.comes_after(sum.key)) continue;
    if (page.limit == 0 || answer.sums.size() < static_cast<std::size_t>(page.limit)) {
      answer.sums.push_back(std::move(sum));
    } else if (!answer.next) {
      answer.next = cursor_of(answer.sums.back().key);
    }
  }
  if (auto found = start.expect_found(); !found) return std::move(found).error();
  return answer;
}

}  // namespace gateway::operations
