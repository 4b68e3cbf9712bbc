#include "adapters/sqlite/row_search.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "adapters/sqlite/row_place.h"
#include "adapters/sqlite/schema.h"

namespace gateway::sqlite {
namespace {

constexpr std::int64_t kNear = 10'000;  // rows that are looked at without thinking
constexpr std::int64_t kFirstPart = (std::int64_t{2 * 24 * 60 * 60 * 1000}) << kPlaceBits;  // ids of two days
constexpr std::size_t kMaxStretches = 256;                                                  // of a part

// A line of the sums by what it has in common with kinds.
constexpr const char* kIsOfKind =
    "(project, api_key, asked_model, served_model, provider, operation, error_code) IN (SELECT project, api_key,"
    " asked_model, served_model, provider, operation, error_code FROM kinds";

// Quarters that have a closed row of such a kind, by the sums, which know more than one of a kind: some of them may
// have none. First the days are found, then the quarters of those.
void add_closed(Database& db, const Conditions& line, std::int64_t first, std::int64_t last,
                std::unordered_set<std::int64_t>& buckets) {
  Conditions days = line;
  days.add("bucket >= ?", first_of_day(first));
  days.add("bucket <= ?", last);
  Query query(db, "SELECT DISTINCT bucket FROM (SELECT DISTINCT bucket AS day FROM rollup_days" + days.sql() +
                      ") CROSS JOIN rollup" + line.sql() + " AND bucket >= day AND bucket < day + 96");
  days.bind(query);
  line.bind(query);
  while (query.next()) buckets.insert(query.integer(0));
}

void add_open(Database& db, const Conditions& kind, std::unordered_set<std::int64_t>& buckets) {
  Conditions open;
  open.add("state = 0");
  open.add_subquery("kind IN (SELECT id FROM kinds", kind);
  Query query(db, "SELECT accepted FROM entries" + open.sql());
  open.bind(query);
  while (query.next()) buckets.insert(bucket_of(query.integer(0)));
}

// In order and apart from each other. Too many are joined where the least lies between them.
std::vector<Stretch> joined(std::vector<Stretch> stretches) {
  std::sort(stretches.begin(), stretches.end(), [](const Stretch& a, const Stretch& b) { return a.first < b.first; });
  const auto join = [&stretches](std::int64_t gap) {
    std::vector<Stretch> apart;
    for (const Stretch& each : stretches) {
      if (!apart.empty() && each.first - gap <= apart.back().last + 1) {
        apart.back().last = std::max(apart.back().last, each.last);
      } else {
        apart.push_back(each);
      }
    }
    stretches = std::move(apart);
  };
  join(0);
  if (stretches.size() <= kMaxStretches) return stretches;
  std::vector<std::int64_t> gaps;
  for (std::size_t i = 1; i < stretches.size(); ++i) gaps.push_back(stretches[i].first - stretches[i - 1].last);
  const auto widest = gaps.end() - static_cast<std::ptrdiff_t>(kMaxStretches);
  std::nth_element(gaps.begin(), widest, gaps.end());
  join(*widest);
  return stretches;
}

}  // namespace

Stretch common_part(const Stretch& a, const Stretch& b) noexcept {
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

std::vector<RowSearch::Quarter> RowSearch::quarters_of(Database& db, const RowQuery& asked) {
  Query query(db,
              "SELECT bucket, first, last FROM quarters WHERE bucket >= ? AND bucket <= ? AND longest >= ?"
              " AND dearest >= ? ORDER BY bucket",
              asked.since ? bucket_of(*asked.since) : std::numeric_limits<std::int64_t>::min(),
              asked.until ? bucket_of(*asked.until) : std::numeric_limits<std::int64_t>::max(),
              asked.min_duration ? asked.min_duration->count() : std::int64_t{0},
              asked.min_cost ? asked.min_cost->units() : std::int64_t{0});
  std::vector<Quarter> quarters;
  while (query.next()) quarters.push_back({query.integer(0), {query.integer(1), query.integer(2)}});
  return quarters;
}

void RowSearch::keep_those_with(Database& db, const RowQuery& asked, const Conditions& kind,
                                std::vector<Quarter>& quarters) {
  if (quarters.empty() || (kind.empty() && asked.state.empty())) return;
  Conditions line;
  if (!kind.empty()) line.add_subquery(kIsOfKind, kind);
  std::vector<std::int64_t> states;
  for (const RowState state : asked.state.values()) states.push_back(static_cast<std::int64_t>(state));
  line.add_any("state", states);
  std::unordered_set<std::int64_t> buckets;
  add_closed(db, line, quarters.front().bucket, quarters.back().bucket, buckets);
  if (asked.state.accepts(RowState::open)) add_open(db, kind, buckets);
  std::erase_if(quarters, [&buckets](const Quarter& each) { return !buckets.contains(each.bucket); });
}

const Stretch& RowSearch::near_begin(Database& db, const Stretch& all, bool descending) {
  if (std::exchange(begun_, true)) return near_;
  near_ = all;
  left_ = {1, 0};  // nothing
  part_ = kFirstPart;
  Query query(db, "SELECT id FROM entries WHERE id >= ? AND id <= ? ORDER BY id " +
                      std::string(descending ? "DESC" : "ASC") + " LIMIT 1 OFFSET ?");
  query.bind(all.first);
  query.bind(all.last);
  query.bind(kNear);
  if (!query.next()) return near_;
  // A millisecond's rows stay together.
  const RowPlaces places = places_around(query.integer(0));
  if (descending) {
    near_.first = std::max(all.first, places.first);
    left_ = {all.first, near_.first - 1};
  } else {
    near_.last = std::min(all.last, places.last);
    left_ = {near_.last + 1, all.last};
  }
  return near_;
}

// The next part of what is left, twice as long as the one before.
Stretch RowSearch::take_part(bool descending) {
  Stretch part = left_;
  if (left_.last - left_.first > part_) {
    if (descending) {
      part.first = left_.last - part_;
    } else {
      part.last = left_.first + part_;
    }
    if (part_ <= std::numeric_limits<std::int64_t>::max() / 2) part_ *= 2;
  }
  const bool is_all = part.first == left_.first && part.last == left_.last;
  if (is_all) {
    left_ = {1, 0};
  } else if (descending) {
    left_.last = part.first - 1;
  } else {
    left_.first = part.last + 1;
  }
  return part;
}

bool RowSearch::go_on(Database& db, const RowQuery& asked, const Conditions& kind, bool descending) {
  if (left_.empty()) return false;
  if (!quarters_) quarters_ = quarters_of(db, asked);
  const Stretch part = take_part(descending);
  std::vector<Quarter> quarters;
  for (const Quarter& each : *quarters_) {
    if (const Stretch rows = common_part(each.rows, part); !rows.empty()) quarters.push_back({each.bucket, rows});
  }
  keep_those_with(db, asked, kind, quarters);
  std::vector<Stretch> stretches;
  for (const Quarter& each : quarters) stretches.push_back(each.rows);
  stretches = joined(std::move(stretches));
  if (descending) std::reverse(stretches.begin(), stretches.end());
  found_.insert(found_.end(), stretches.begin(), stretches.end());
  return true;
}

}  // namespace gateway::sqlite
