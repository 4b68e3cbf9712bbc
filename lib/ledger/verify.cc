#include "ledger/verify.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "ledger/usage_value.h"

namespace gateway {
namespace {

constexpr UsageKey kGroupings[] = {UsageKey::day,       UsageKey::project,      UsageKey::key,
                                   UsageKey::model,     UsageKey::served_model, UsageKey::provider,
                                   UsageKey::operation, UsageKey::state,        UsageKey::code};

struct Sum {
  std::int64_t attempts = 0;
  MoneySum cost, upstream_cost, held;
  Usage usage;
  friend bool operator==(const Sum&, const Sum&) = default;
};

std::string name_of(const Row& row) {
  std::string name = "row " + row.request.text().str() + " attempt " + std::to_string(row.attempt);
  if (row.entry > 0) name += " entry " + std::to_string(row.entry);
  return name;
}

class Check {
 public:
  explicit Check(const VerifyOptions& options) : options_(options) {}

  void add(const Row& row) {
    const auto place = [](const Row& r) { return std::tie(r.request, r.attempt, r.entry); };
    if (any_ && place(row) <= place(last_)) find(name_of(row) + ": it is there twice, or out of order");
    if (const auto fault = fault_of(row); !fault.empty()) find(name_of(row) + ": " + std::string(fault));
    const bool corrects = row.entry > 0 && row.accepted >= options_.rows_since;
    if (corrects && !(any_ && last_.request == row.request && last_.attempt == row.attempt)) {
      find(name_of(row) + ": it adjusts an attempt that is not there");
    }
    last_ = row;
    any_ = true;
    if (row.accepted < options_.rows_since) return;
    for (std::size_t i = 0; i < std::size(kGroupings); ++i) {
      Sum& sum = sums_[i][value_of(kGroupings[i], row)];
      if (row.entry == 0) ++sum.attempts;
      sum.upstream_cost += row.upstream_cost;
      if (row.state != RowState::open) sum.usage += row.usage;
      (row.state == RowState::open ? sum.held : sum.cost) += row.state == RowState::open ? row.hold : row.cost;
    }
  }

  Result<void> compare(Ledger& ledger) {
    for (std::size_t i = 0; i < std::size(kGroupings); ++i) {
      UsageQuery query;
      if (options_.rows_since != WallTime::min()) query.since = options_.rows_since;
      query.by = {kGroupings[i]};
      auto told = ledger.usage(query);
      if (!told) return std::move(told).error();
      for (const UsageSum& sum : *told) {
        const Sum mine = std::exchange(sums_[i][sum.key.at(0)], Sum{});
        if (mine != Sum{sum.attempts, sum.cost, sum.upstream_cost, sum.held, sum.usage}) {
          find("sum of '" + sum.key[0] + "': it reports " + sum.cost.to_string() + " in " +
               std::to_string(sum.attempts) + " attempts, the rows " + mine.cost.to_string() + " in " +
               std::to_string(mine.attempts));
        }
      }
      for (const auto& [key, sum] : sums_[i]) {
        if (sum != Sum{}) find("sum of '" + key + "': it is missing");
      }
    }
    return {};
  }

  std::vector<std::string> take() { return std::move(findings_); }

 private:
  void find(std::string line) {
    if (findings_.size() < options_.most_findings) findings_.push_back(std::move(line));
  }

  VerifyOptions options_;
  std::vector<std::string> findings_;
  std::map<std::string, Sum, std::less<>> sums_[std::size(kGroupings)];
  Row last_;
  bool any_ = false;
};

}  // namespace

std::string_view fault_of(const Row& row) noexcept {
  const Usage& u = row.usage;
  if (row.attempt == 0) return "attempts count from 1";
  if (row.state > RowState::adjustment) return "its state is none";
  if (row.operation > Operation::rerank) return "its operation is none";
  if (row.surface > SurfaceKind::insforge) return "its surface is none";
  if (row.cost_source > CostSource::held) return "its cost source is none";
  const bool adjustment = row.state == RowState::adjustment;
  if (adjustment != (row.entry > 0)) return "an adjustment and only an adjustment is a later entry of its attempt";
  if (row.hold.is_negative()) return "its hold is negative";
  if (row.state == RowState::open && !row.cost.is_zero()) return "it is open and has a cost";
  if (adjustment) return {};
  if (row.cost.is_negative()) return "its cost is negative";
  if (row.upstream_cost.is_negative() || row.upstream_cost > row.cost) {
    return "what its provider's provider is paid is more than its cost, or negative";
  }
  if (std::min({u.input, u.cached_input, u.cache_write, u.output, u.reasoning}) < 0) return "a token count is negative";
  if (std::min({u.images, u.audio_ms, u.characters, u.searches}) < 0) return "a count of units is negative";
  const bool costs_hold = row.state == RowState::interrupted && row.cost_source == CostSource::held;
  if (costs_hold && row.cost != row.hold) return "it was interrupted and does not cost its hold";
  return {};
}

Result<std::vector<std::string>> verify_store(Ledger& ledger, const VerifyOptions& options) {
  Check check(options);
  RowQuery all;
  all.newest_first = false;
  all.limit = 0;
  auto read = ledger.rows(all, [&](const Row& row) {
    check.add(row);
    return true;
  });
  if (!read) return std::move(read).error();
  if (auto done = check.compare(ledger); !done) return std::move(done).error();
  return check.take();
}

}  // namespace gateway
