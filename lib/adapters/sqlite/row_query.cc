#include "adapters/sqlite/row_query.h"

#include <string>
#include <variant>
#include <vector>

#include "adapters/sqlite/row_columns.h"

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

}  // namespace

std::vector<Row> some_rows(Database& db, Names& names, const RowQuery& asked, const Row* last, std::int64_t limit) {
  const bool descending = asked.newest_first && !asked.after;
  Conditions where;
  const auto named = [&](const char* condition, const std::optional<std::string>& text) {
    if (text) where.add(condition, names.find(*text).value_or(-1));
  };
  if (asked.request) where.add("request = ?", *asked.request);
  if (asked.after) where.add("request > ?", *asked.after);
  named("project = ?", asked.project);
  named("api_key = ?", asked.key);
  named("asked_model = ?", asked.model);
  named("provider = ?", asked.provider);
  if (asked.state) where.add("state = ?", static_cast<std::int64_t>(*asked.state));
  if (asked.since) where.add("accepted >= ?", micros_of(*asked.since));
  if (asked.until) where.add("accepted < ?", micros_of(*asked.until));
  if (asked.flags_any != 0) where.add("flags & ? <> 0", asked.flags_any);
  if (last != nullptr) {
    where.add(descending ? "(request, attempt, entry) < (?" : "(request, attempt, entry) > (?", last->request);
    where.continue_with(", ?", last->attempt);
    where.continue_with(", ?)", last->entry);
  }
  const char* order =
      descending ? " ORDER BY request DESC, attempt DESC, entry DESC" : " ORDER BY request, attempt, entry";
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
