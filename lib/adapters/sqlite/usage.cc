#include "adapters/sqlite/usage.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

#include "adapters/sqlite/column_hash.h"
#include "adapters/sqlite/money_columns.h"
#include "adapters/sqlite/rollup.h"
#include "adapters/sqlite/row_columns.h"
#include "adapters/sqlite/schema.h"
#include "base/calendar.h"

namespace gateway::sqlite {
namespace {

constexpr std::int64_t kMinutesPerBucket = 15;
constexpr std::size_t kKeys = 13;
constexpr std::int64_t kAbsent = -1;       // what a refusal does not know
constexpr std::int64_t kUnknownName = -2;  // a text that the dictionary lacks

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// The position of a UsageKey that is no time among the columns of RollupKey.
std::size_t column_of(UsageKey key) noexcept {
  switch (key) {
    case UsageKey::project:
      return 1;
    case UsageKey::key:
      return 2;
    case UsageKey::model:
      return 3;
    case UsageKey::served_model:
      return 4;
    case UsageKey::provider:
      return 5;
    case UsageKey::operation:
      return 6;
    case UsageKey::state:
      return 7;
    default:
      return 8;  // the code
  }
}

// Where the units of time that hold a bucket begin, in microseconds. Lines come in the order of buckets, and most
// buckets lie in the unit of the one before.
class UnitStarts {
 public:
  explicit UnitStarts(const Zone& zone) : zone_(zone) {}

  std::int64_t of(CalendarUnit unit, std::int64_t bucket) {
    CalendarBounds& last = last_[static_cast<std::size_t>(unit)];
    const WallTime at = time_of(bucket * kBucketMicros);
    if (at < last.start || at >= last.end) last = calendar_bounds(unit, at, zone_);
    return last.start.time_since_epoch().count();
  }

 private:
  const Zone& zone_;
  std::array<CalendarBounds, 5> last_{};  // of each unit; empty ones hold nothing
};

bool known_of_refusals(UsageKey key) {
  return calendar_unit(key) || key == UsageKey::project || key == UsageKey::model || key == UsageKey::code;
}

// A query's filters as numbers.
struct Filter {
  std::int64_t first = std::numeric_limits<std::int64_t>::min();
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
  std::array<AnyOf<std::int64_t>, 9> columns{};  // of RollupKey

  bool matches(const RollupKey& line) const {
    if (line.columns[0] < first || line.columns[0] >= end) return false;
    for (std::size_t i = 1; i < columns.size(); ++i) {
      if (!columns[i].accepts(line.columns[i])) return false;
    }
    return true;
  }
};

Filter filter_of(Names& names, const UsageQuery& query) {
  Filter filter;
  const auto take = [&](UsageKey key, const AnyText& texts) {
    for (const std::string& text : texts.values())
      filter.columns[column_of(key)].add(names.find(text).value_or(kUnknownName));
  };
  take(UsageKey::project, query.project);
  take(UsageKey::key, query.key);
  take(UsageKey::model, query.model);
  take(UsageKey::served_model, query.served_model);
  take(UsageKey::provider, query.provider);
  take(UsageKey::code, query.code);
  for (const Operation operation : query.operation.values())
    filter.columns[column_of(UsageKey::operation)].add(static_cast<std::int64_t>(operation));
  if (query.since) filter.first = bucket_of(*query.since);
  if (query.until && *query.until < WallTime::max() - std::chrono::hours(1)) {
    filter.end = bucket_of(*query.until - WallTime::duration(1)) + 1;
  }
  return filter;
}

class Groups {
 public:
  explicit Groups(const UsageQuery& query) : query_(query), starts_(query.zone) {}

  UsageSum& of(const RollupKey& line) {
    Key key{};
    for (std::size_t i = 0; i < query_.by.size(); ++i) {
      const auto unit = calendar_unit(query_.by[i]);
      key[i] = unit ? starts_.of(*unit, line.columns[0]) : line.columns[column_of(query_.by[i])];
    }
    if (last_ == nullptr || key != last_->first)
      last_ = &*sums_.try_emplace(key).first;  // lines of one follow one another
    return last_->second;
  }
  std::vector<UsageSum> take(Names& names) {
    if (query_.by.empty()) sums_[{}];  // the sum of nothing is a sum too
    std::vector<std::pair<std::vector<Part>, UsageSum>> sorted;
    sorted.reserve(sums_.size());
    for (auto& [key, sum] : sums_) {
      std::vector<Part> parts;
      for (std::size_t i = 0; i < query_.by.size(); ++i) parts.push_back(part_of(query_.by[i], key[i], names));
      sorted.emplace_back(std::move(parts), std::move(sum));
    }
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<UsageSum> out;
    out.reserve(sorted.size());
    for (auto& [parts, sum] : sorted) {
      for (Part& part : parts) sum.key.push_back(std::move(part.second));
      out.push_back(std::move(sum));
    }
    return out;
  }

 private:
  using Key = std::array<std::int64_t, kKeys>;
  // By what a part of a key is sorted among others, if it is a time, then its text.
  using Part = std::pair<std::int64_t, std::string>;

  Part part_of(UsageKey key, std::int64_t value, Names& names) const {
    if (const auto unit = calendar_unit(key)) return {value, calendar_text(*unit, time_of(value), query_.zone)};
    if (key == UsageKey::operation) return {0, std::string(to_string(static_cast<Operation>(value)))};
    if (key == UsageKey::state) return {0, std::string(to_string(static_cast<RowState>(value)))};
    return {0, std::string(names.text(value))};
  }

  const UsageQuery& query_;
  UnitStarts starts_;
  std::unordered_map<Key, UsageSum, ColumnHash> sums_;
  std::pair<const Key, UsageSum>* last_ = nullptr;  // of them
};

WallTime begin_of(const RollupKey& line) { return time_of(line.columns[0] * kBucketMicros); }

void add(UsageSum& sum, const Totals& totals) {
  sum.requests += totals.requests;
  sum.attempts += totals.attempts;
  sum.usage += totals.usage;
  sum.cost += totals.cost;
  sum.upstream_cost += totals.upstream_cost;
}

// Lines of one of the two tables of sums, those with first <= bucket < end. Columns that nobody asked for are not read.
void add_lines(Database& db, std::string_view table, std::int64_t first, std::int64_t end, const Filter& filter,
               const std::array<bool, 9>& wanted, Groups& groups) {
  if (first >= end) return;
  static constexpr std::array<std::string_view, 9> kColumns{
      "bucket", "project", "api_key", "asked_model", "served_model", "provider", "operation", "state", "error_code"};
  std::string sql = "SELECT ";
  for (std::size_t i = 0; i < kColumns.size(); ++i) (sql += wanted[i] ? kColumns[i] : "0") += ", ";
  sql +=
      "requests, attempts, input, cached_input, cache_write, output, reasoning, cost_dollars, cost_pico,"
      " upstream_dollars, upstream_pico, images, audio_ms, characters, searches, ";
  sql += table == "rollup" ? "bucket" : "last";
  Query query(db, sql + " FROM " + std::string(table) + " WHERE bucket >= ? AND bucket < ?");
  query.bind(first);
  query.bind(end);
  RollupKey line;
  constexpr int kTotals = 9, kLast = 24;
  while (query.next()) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i]) line.columns[i] = query.integer(static_cast<int>(i));
    }
    if (!filter.matches(line)) continue;
    UsageSum& sum = groups.of(line);
    const Totals totals = read_totals(query, kTotals);
    add(sum, totals);
    if (totals.attempts > 0) sum.last = std::max(sum.last, time_of(query.integer(kLast) * kBucketMicros));
    const auto state = static_cast<RowState>(line.columns[7]);
    if (state == RowState::failed || state == RowState::interrupted) sum.failed += totals.attempts;
  }
}

// Whether it does not matter where in a day of UTC something happened.
bool fits_days(const UsageQuery& query) {
  return std::all_of(query.by.begin(), query.by.end(), [&query](UsageKey key) {
    const auto unit = calendar_unit(key);
    return !unit || (*unit != CalendarUnit::quarter && *unit != CalendarUnit::hour && query.zone.empty());
  });
}

// Whole days are read as such where that is enough.
void add_closed(Database& db, const UsageQuery& query, const Filter& filter, Groups& groups) {
  std::array<bool, 9> wanted{};
  wanted[0] = wanted[7] = true;  // the bucket; and the state, since failures are counted
  for (std::size_t i = 1; i < wanted.size(); ++i) wanted[i] = wanted[i] || !filter.columns[i].empty();
  for (const UsageKey key : query.by) {
    if (!calendar_unit(key)) wanted[column_of(key)] = true;
  }
  const DayRange days = fits_days(query) ? whole_days(filter.first, filter.end) : DayRange{filter.end, filter.end};
  add_lines(db, "rollup", filter.first, days.first, filter, wanted, groups);
  add_lines(db, "rollup_days", days.first, days.end, filter, wanted, groups);
  add_lines(db, "rollup", days.end, filter.end, filter, wanted, groups);
}

void add_open(Database& db, const Filter& filter, Groups& groups) {
  Query query(db,
              "SELECT accepted, project, api_key, asked_model, served_model, provider, operation, state, error_code,"
              " attempt, hold FROM ledger WHERE state = 0");
  RollupKey line;
  while (query.next()) {
    for (std::size_t i = 0; i < line.columns.size(); ++i) line.columns[i] = query.integer(static_cast<int>(i));
    line.columns[0] = bucket_of(line.columns[0]);
    if (!filter.matches(line)) continue;
    UsageSum& sum = groups.of(line);
    sum.attempts += 1;
    sum.open += 1;
    sum.last = std::max(sum.last, begin_of(line));
    if (query.integer(9) == 1) sum.requests += 1;
    sum.held += Money::units(query.integer(10));
  }
}

void add_refusals(Database& db, const Filter& filter, Groups& groups) {
  constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max() / kMinutesPerBucket;
  Query query(db,
              "SELECT minute, project, asked_model, error_code, count FROM refusals WHERE minute >= ? AND minute < ?",
              std::clamp(filter.first, -kFar, kFar) * kMinutesPerBucket,
              std::clamp(filter.end, -kFar, kFar) * kMinutesPerBucket);
  RollupKey line;
  while (query.next()) {
    line.columns = {floor_div(query.integer(0), kMinutesPerBucket),
                    query.integer(1),
                    kAbsent,
                    query.integer(2),
                    kAbsent,
                    kAbsent,
                    kAbsent,
                    kAbsent,
                    query.integer(3)};
    if (!filter.matches(line)) continue;
    UsageSum& sum = groups.of(line);
    sum.refused += query.integer(4);
    sum.last = std::max(sum.last, begin_of(line));
  }
}

}  // namespace

std::vector<UsageSum> usage(Database& db, Names& names, const UsageQuery& asked) {
  UsageQuery query = asked;
  if (query.by.size() > kKeys) query.by.resize(kKeys);
  const Filter filter = filter_of(names, query);
  Groups groups(query);
  add_closed(db, query, filter, groups);
  add_open(db, filter, groups);
  const bool refusals_fit = query.key.empty() && query.provider.empty() && query.served_model.empty() &&
                            query.operation.empty() && std::all_of(query.by.begin(), query.by.end(), known_of_refusals);
  if (refusals_fit) add_refusals(db, filter, groups);
  return groups.take(names);
}

QuarterCosts quarter_costs(Database& db, Names& names, const std::vector<std::string>& projects, WallTime since,
                           WallTime until) {
  QuarterCosts costs;
  std::unordered_map<std::int64_t, std::vector<QuarterCost>*> by_number;
  for (const std::string& project : projects) {
    if (const auto number = names.find(project)) by_number[*number] = &costs[project];
  }
  Query query(db,
              "SELECT bucket, project, cost_dollars, cost_pico FROM rollup WHERE bucket >= ? AND bucket < ?"
              " AND attempts > 0",
              bucket_of(since), bucket_of(until - WallTime::duration(1)) + 1);
  while (query.next()) {
    const auto found = by_number.find(query.integer(1));
    if (found == by_number.end()) continue;
    std::vector<QuarterCost>& quarters = *found->second;
    const WallTime start = time_of(query.integer(0) * kBucketMicros);
    if (quarters.empty() || quarters.back().start != start) quarters.push_back({start, {}});
    quarters.back().cost += read_money(query, 2);
  }
  return costs;
}

}  // namespace gateway::sqlite
