#include "base/stored_answer.h"
#include "gateway/ledger.h"

namespace gateway {

Result<std::optional<std::string>> Ledger::provider_of_answer(const std::string& project, std::string_view id) {
  RowQuery query;
  query.project = project;
  query.limit = 0;
  std::optional<std::string> found;
  const auto read = rows(query, [&](const Row& row) {
    if (may_be_stored(row) && row.generation_id.view() == id) found = row.provider.str();
    return !found;
  });
  if (!read) return read.error();
  return found;
}

}  // namespace gateway
