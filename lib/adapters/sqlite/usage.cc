#include "adapters/sqlite/usage.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>
#include <utility>

#include "adapters/sqlite/column_hash.h"
#include "adapters/sqlite/rollup.h"
#include "adapters/sqlite/row_columns.h"
#include "adapters/sqlite/schema.h"
#include "base/time_text.h"

namespace gateway::sqlite {
namespace {

constexpr std::int64_t kBucketsPerHour = 4;
constexpr std::int64_t kMinutesPerBucket = 15;
constexpr std::size_t kKeys = 10;

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// Where each UsageKey stands among the columns of RollupKey.
std::int64_t key_value(UsageKey key, const RollupKey& line) {
  const auto& c = line.columns;
  switch (key) {
    case UsageKey::day:
      return floor_div(c[0], 24 * kBucketsPerHour);
    case UsageKey::hour:
      return floor_div(c[0], kBucketsPerHour);
    case UsageKey::project:
      return c[1];
    case UsageKey::key:
      return c[2];
    case UsageKey::model:
      return c[3];
    case UsageKey::served_model:
      return c[4];
    case UsageKey::provider:
      return c[5];
    case UsageKey::operation:
      return c[6];
    case UsageKey::state:
      return c[7];
    case UsageKey::code:
      return c[8];
  }
  return 0;
}

std::string key_text(UsageKey key, std::int64_t value, Names& names) {
  switch (key) {
    case UsageKey::day:
      return day_text(time_of(value * 24 * kBucketsPerHour * kBucketMicros));
    case UsageKey::hour:
      return rfc3339(time_of(value * kBucketsPerHour * kBucketMicros));
    case UsageKey::operation:
      return std::string(to_string(static_cast<Operation>(value)));
    case UsageKey::state:
      return std::string(to_string(static_cast<RowState>(value)));
    default:
      return std::string(names.text(value));
  }
}

bool known_of_refusals(UsageKey key) {
  return key == UsageKey::day || key == UsageKey::hour || key == UsageKey::project || key == UsageKey::model ||
         key == UsageKey::code;
}

// A query's filters as numbers. A text that the dictionary lacks matches nothing.
struct Filter {
  std::int64_t first = std::numeric_limits<std::int64_t>::min();
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
  std::array<std::int64_t, 9> columns{};  // of RollupKey; kAny matches all
  static constexpr std::int64_t kAny = -1, kNone = -2;

  bool matches(const RollupKey& line) const {
    if (line.columns[0] < first || line.columns[0] >= end) return false;
    for (std::size_t i = 1; i < columns.size(); ++i) {
      if (columns[i] != kAny && columns[i] != line.columns[i]) return false;
    }
    return true;
  }
};

Filter filter_of(Names& names, const UsageQuery& query) {
  Filter filter;
  filter.columns.fill(Filter::kAny);
  const auto take = [&](std::size_t column, const std::optional<std::string>& text) {
    if (text) filter.columns[column] = names.find(*text).value_or(Filter::kNone);
  };
  take(1, query.project);
  take(2, query.key);
  take(3, query.model);
  take(5, query.provider);
  if (query.since) filter.first = bucket_of(*query.since);
  if (query.until && *query.until < WallTime::max() - std::chrono::hours(1)) {
    filter.end = bucket_of(*query.until - WallTime::duration(1)) + 1;
  }
  return filter;
}

class Groups {
 public:
  explicit Groups(const std::vector<UsageKey>& by) : by_(by) {}

  UsageSum& of(const RollupKey& line) {
    std::array<std::int64_t, kKeys> key{};
    for (std::size_t i = 0; i < by_.size(); ++i) key[i] = key_value(by_[i], line);
    return sums_[key];
  }
  std::vector<UsageSum> take(Names& names) {
    if (by_.empty()) sums_[{}];  // the sum of nothing is a sum too
    std::vector<UsageSum> out;
    out.reserve(sums_.size());
    for (auto& [key, sum] : sums_) {
      for (std::size_t i = 0; i < by_.size(); ++i) sum.key.push_back(key_text(by_[i], key[i], names));
      out.push_back(std::move(sum));
    }
    std::sort(out.begin(), out.end(), [](const UsageSum& a, const UsageSum& b) { return a.key < b.key; });
    return out;
  }

 private:
  const std::vector<UsageKey>& by_;
  std::unordered_map<std::array<std::int64_t, kKeys>, UsageSum, ColumnHash> sums_;
};

void add(UsageSum& sum, const Totals& totals) {
  sum.requests += totals.requests;
  sum.attempts += totals.attempts;
  sum.usage += totals.usage;
  sum.cost += totals.cost;
  sum.upstream_cost += totals.upstream_cost;
}

void add_closed(Database& db, const Filter& filter, Groups& groups) {
  Query query(db, "SELECT * FROM rollup WHERE bucket >= ? AND bucket < ?", filter.first, filter.end);
  RollupKey line;
  while (query.next()) {
    for (std::size_t i = 0; i < line.columns.size(); ++i) line.columns[i] = query.integer(static_cast<int>(i));
    if (!filter.matches(line)) continue;
    UsageSum& sum = groups.of(line);
    const Totals totals = read_totals(query, static_cast<int>(line.columns.size()));
    add(sum, totals);
    const auto state = static_cast<RowState>(line.columns[7]);
    if (state == RowState::failed || state == RowState::interrupted) sum.failed += totals.attempts;
  }
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
                    Filter::kAny,
                    query.integer(2),
                    Filter::kAny,
                    Filter::kAny,
                    Filter::kAny,
                    Filter::kAny,
                    query.integer(3)};
    if (filter.matches(line)) groups.of(line).refused += query.integer(4);
  }
}

}  // namespace

std::vector<UsageSum> usage(Database& db, Names& names, const UsageQuery& asked) {
  UsageQuery query = asked;
  if (query.by.size() > kKeys) query.by.resize(kKeys);
  const Filter filter = filter_of(names, query);
  Groups groups(query.by);
  add_closed(db, filter, groups);
  add_open(db, filter, groups);
  const bool refusals_fit =
      !query.key && !query.provider && std::all_of(query.by.begin(), query.by.end(), known_of_refusals);
  if (refusals_fit) add_refusals(db, filter, groups);
  return groups.take(names);
}

}  // namespace gateway::sqlite
