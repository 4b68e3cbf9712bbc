#include "adapters/sqlite/row_query.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "adapters/sqlite/row_columns.h"
#include "adapters/sqlite/row_place.h"

namespace gateway::sqlite {
namespace {

// Conditions of a WHERE, and what they are bound to.
class Conditions {
 public:
  using Value = std::variant<std::int64_t, RequestId>;
  void add(const char* condition, Value value) {
    begin();
    continue_with(condition, value);
  }
  void add(const char* condition) {
    begin();
    sql_ += condition;
  }
  // `condition` ends with a SELECT whose conditions are `inner`.
  void add_subquery(const char* condition, const Conditions& inner) {
    add(condition);
    sql_ += inner.sql_ + ")";
    values_.insert(values_.end(), inner.values_.begin(), inner.values_.end());
  }
  void continue_with(const char* condition, Value value) {
    sql_ += condition;
    values_.push_back(value);
  }
  // A column that has any of the values; none given: whatever it has.
  void add_any(const char* column, const std::vector<std::int64_t>& any) {
    for (std::size_t i = 0; i < any.size(); ++i) {
      if (i == 0) {
        add((std::string(column) + " IN (?").c_str(), any[i]);
      } else {
        continue_with(", ?", any[i]);
      }
    }
    if (!any.empty()) sql_ += ")";
  }
  void add_status(const std::vector<StatusRange>& ranges) {
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      if (i == 0) {
        add("(status BETWEEN ?", std::max(ranges[i].first, 1));
      } else {
        continue_with(" OR status BETWEEN ?", std::max(ranges[i].first, 1));
      }
      continue_with(" AND ?", ranges[i].last);
    }
    if (!ranges.empty()) sql_ += ")";
  }
  const std::string& sql() const { return sql_; }
  void bind(Query& query) const {
    for (const Value& value : values_) {
      if (const auto* id = std::get_if<RequestId>(&value)) {
        query.bind(blob_of(*id));
      } else {
        query.bind(std::get<std::int64_t>(value));
      }
    }
  }

 private:
  void begin() { sql_ += sql_.empty() ? " WHERE " : " AND "; }

  std::string sql_;
  std::vector<Value> values_;
};

// What rows are wanted: conditions on what is a row's own, and on what its kind has.
struct Wanted {
  Conditions entry, kind;
  bool only_open = false;  // the index of open entries has all of them
};

// Rows are found in `entries` alone, by the numbers of the kinds that match: a row that does not match costs no look
// at its kind, and is not put together.
std::vector<Row> read_rows(Database& db, Names& names, const Wanted& wanted, const std::string& order,
                           std::int64_t limit) {
  Conditions where = wanted.entry;
  if (!wanted.kind.sql().empty()) where.add_subquery("kind IN (SELECT id FROM kinds", wanted.kind);
  Query query(db, "SELECT * FROM ledger WHERE id IN (SELECT id FROM entries" + where.sql() + " ORDER BY " +
                      (wanted.only_open ? "+" : "") + order + " LIMIT ?) ORDER BY " + order);
  where.bind(query);
  query.bind(limit);
  std::vector<Row> out;
  while (query.next()) {
    out.push_back(read_row(db, names, query));
    if (!db.ok()) return {};
  }
  return out;
}

bool is_any_kind(Database& db, const Conditions& kind) {
  if (kind.sql().empty()) return true;
  Query query(db, "SELECT id FROM kinds" + kind.sql() + " LIMIT 1");
  kind.bind(query);
  return query.next();
}

void sort(std::vector<Row>& rows, bool descending) {
  std::sort(rows.begin(), rows.end(), [descending](const Row& a, const Row& b) {
    const auto key = [](const Row& row) { return std::tie(row.request, row.attempt, row.entry); };
    return descending ? key(b) < key(a) : key(a) < key(b);
  });
}

}  // namespace

std::vector<Row> some_rows(Database& db, Names& names, const RowQuery& asked, const Row* last, std::int64_t limit) {
  const bool descending = asked.newest_first && !asked.after;
  Wanted wanted;
  Conditions& where = wanted.entry;
  const auto named = [&](const char* column, const AnyText& texts) {
    std::vector<std::int64_t> any;
    for (const std::string& text : texts.values()) any.push_back(names.find(text).value_or(-1));
    wanted.kind.add_any(column, any);
  };
  const auto numbered = [](Conditions& conditions, const char* column, const auto& numbers) {
    std::vector<std::int64_t> any;
    for (const auto number : numbers.values()) any.push_back(static_cast<std::int64_t>(number));
    conditions.add_any(column, any);
  };
  if (asked.request) {
    const RowPlaces places = places_of(*asked.request);
    where.add("id >= ?", places.first);
    where.add("id <= ?", places.last);
    where.add("request = ?", *asked.request);
  }
  if (asked.after) {
    where.add("id >= ?", places_of(*asked.after).first);
    where.add("request > ?", *asked.after);
  }
  if (asked.before) {
    where.add("id <= ?", places_of(asked.before->request).last);
    where.add("(request, attempt, entry) < (?", asked.before->request);
    where.continue_with(", ?", asked.before->attempt);
    where.continue_with(", ?)", asked.before->entry);
  }
  named("project", asked.project);
  named("api_key", asked.key);
  named("asked_model", asked.model);
  named("served_model", asked.served_model);
  named("provider", asked.provider);
  named("error_code", asked.code);
  numbered(wanted.kind, "operation", asked.operation);
  wanted.kind.add_status(asked.status);
  if (asked.flags_any != 0) wanted.kind.add("flags & ? <> 0", asked.flags_any);
  if (!is_any_kind(db, wanted.kind)) return {};
  wanted.only_open = asked.state.values() == std::vector<RowState>{RowState::open};
  if (wanted.only_open) {
    where.add("state = 0");
  } else {
    numbered(where, "state", asked.state);
  }
  if (asked.min_cost) where.add("cost >= ?", asked.min_cost->units());
  if (asked.min_duration) where.add("ended_after >= ?", asked.min_duration->count());
  if (asked.since) where.add("accepted >= ?", micros_of(*asked.since));
  if (asked.until) where.add("accepted < ?", micros_of(*asked.until));
  if (last != nullptr) {
    const RowPlaces places = places_of(last->request);
    where.add(descending ? "id <= ?" : "id >= ?", descending ? places.last : places.first);
    where.add(descending ? "(request, attempt, entry) < (?" : "(request, attempt, entry) > (?", last->request);
    where.continue_with(", ?", last->attempt);
    where.continue_with(", ?)", last->entry);
  }
  std::vector<Row> out = read_rows(db, names, wanted, descending ? "id DESC" : "id", limit);
  if (static_cast<std::int64_t>(out.size()) < limit) {
    sort(out, descending);
    return out;
  }
  // Ids are in the order of milliseconds; of the last one, the first rows by their own order may be others.
  const RowPlaces places = places_of(out.back().request);
  while (!out.empty() && places_of(out.back().request).first == places.first) out.pop_back();
  where.add("id >= ?", places.first);
  where.add("id <= ?", places.last);
  const char* const order_within = descending ? "request DESC, attempt DESC, entry DESC" : "request, attempt, entry";
  const std::vector<Row> of_last = read_rows(db, names, wanted, order_within, limit);
  out.insert(out.end(), of_last.begin(), of_last.end());
  sort(out, descending);
  out.resize(std::min(out.size(), static_cast<std::size_t>(limit)));
  return out;
}

std::vector<Row> open_rows(Database& db, Names& names, std::uint64_t process) {
  std::vector<Row> out;
  Query query(db, process == 0 ? std::string("SELECT * FROM ledger WHERE state = 0")
                               : "SELECT * FROM ledger WHERE state = 0 AND process = ?");
  if (process != 0) query.bind(signed_of(process));
  while (query.next()) {
    Row row = read_row(db, names, query);
    if (!db.ok()) return {};
    out.push_back(row);
  }
  return out;
}

}  // namespace gateway::sqlite
