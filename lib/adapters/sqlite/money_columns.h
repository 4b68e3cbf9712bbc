// Sums of money as two columns: whole dollars, and what is left, 0 <= pico < 10^12.
#pragma once

#include "adapters/sqlite/database.h"
#include "gateway/money.h"

namespace gateway::sqlite {

inline void bind_money(Query& query, MoneySum sum) {
  query.bind(sum.dollars());
  query.bind(sum.pico());
}
inline MoneySum read_money(const Query& query, int column) {
  return MoneySum::of_parts(query.integer(column), query.integer(column + 1));
}

}  // namespace gateway::sqlite
