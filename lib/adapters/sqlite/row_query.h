// Reading rows one by one.
#pragma once

#include <functional>

#include "adapters/sqlite/database.h"
#include "adapters/sqlite/names.h"
#include "gateway/store.h"

namespace gateway::sqlite {

void rows(Database& db, Names& names, const RowQuery& query, const std::function<bool(const Row&)>& each);
std::vector<Row> open_rows(Database& db, Names& names, std::uint64_t process);

}  // namespace gateway::sqlite
