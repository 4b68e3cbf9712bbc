// Conditions of a WHERE, and what they are bound to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/row_columns.h"
#include "gateway/ledger.h"

namespace gateway::sqlite {

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
  bool empty() const { return sql_.empty(); }
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

}  // namespace gateway::sqlite
