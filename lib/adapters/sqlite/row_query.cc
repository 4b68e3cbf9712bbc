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
    sql_ += sql_.empty() ? " WHERE " : " AND ";
    continue_with(condition, value);
  }
  void continue_with(const char* condition, Value value) {
    sql_ += condition;
    values_.push_back(value);
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
  std::string sql_;
  std::vector<Value> values_;
};

std::vector<Row> read_rows(Database& db, Names& names, const Conditions& where, const char* order, std::int64_t limit) {
  Query query(db, "SELECT * FROM ledger" + where.sql() + order + " LIMIT ?");
  where.bind(query);
  query.bind(limit);
  std::vector<Row> out;
  while (query.next()) {
    out.push_back(read_row(db, names, query));
    if (!db.ok()) return {};
  }
  return out;
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
  Conditions where;
  const auto named = [&](const char* condition, const std::optional<std::string>& text) {
    if (text) where.add(condition, names.find(*text).value_or(-1));
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
  named("project = ?", asked.project);
  named("api_key = ?", asked.key);
  named("asked_model = ?", asked.model);
  named("provider = ?", asked.provider);
  if (asked.state) where.add("state = ?", static_cast<std::int64_t>(*asked.state));
  if (asked.since) where.add("accepted >= ?", micros_of(*asked.since));
  if (asked.until) where.add("accepted < ?", micros_of(*asked.until));
  if (asked.flags_any != 0) where.add("flags & ? <> 0", asked.flags_any);
  if (last != nullptr) {
    const RowPlaces places = places_of(last->request);
    where.add(descending ? "id <= ?" : "id >= ?", descending ? places.last : places.first);
    where.add(descending ? "(request, attempt, entry) < (?" : "(request, attempt, entry) > (?", last->request);
    where.continue_with(", ?", last->attempt);
    where.continue_with(", ?)", last->entry);
  }
  const char* const order = descending ? " ORDER BY id DESC" : " ORDER BY id";
  std::vector<Row> out = read_rows(db, names, where, order, limit);
  if (static_cast<std::int64_t>(out.size()) < limit) {
    sort(out, descending);
    return out;
  }
  // Ids are in the order of milliseconds; of the last one, the first rows by their own order may be others.
  const RowPlaces places = places_of(out.back().request);
  while (!out.empty() && places_of(out.back().request).first == places.first) out.pop_back();
  where.add("id >= ?", places.first);
  where.add("id <= ?", places.last);
  const char* const order_within =
      descending ? " ORDER BY request DESC, attempt DESC, entry DESC" : " ORDER BY request, attempt, entry";
  const std::vector<Row> of_last = read_rows(db, names, where, order_within, limit);
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
