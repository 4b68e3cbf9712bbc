#include "adapters/sqlite/kinds.h"

namespace gateway::sqlite {
namespace {

constexpr std::size_t kRemembered = 16 * 1024;

}  // namespace

Kinds::Columns Kinds::columns_of(const Row& row, const RowNames& texts) {
  return {static_cast<std::int64_t>(row.endpoint),
          static_cast<std::int64_t>(row.cost_source),
          row.streamed,
          row.status,
          row.flags,
          signed_of(row.process),
          texts.project,
          texts.key,
          texts.asked_model,
          texts.target_model,
          texts.served_model,
          texts.provider,
          texts.error_code,
          texts.finish_reason,
          texts.price_version};
}

std::int64_t Kinds::number(const Row& row, const RowNames& texts) {
  const Columns columns = columns_of(row, texts);
  if (last_number_ != 0 && columns == last_) return last_number_;
  const std::int64_t number = find_or_make(columns);
  if (!db_.ok()) return 0;
  last_ = columns;
  return last_number_ = number;
}

std::int64_t Kinds::find_or_make(const Columns& columns) {
  if (const auto found = numbers_.find(columns); found != numbers_.end()) return found->second;
  std::int64_t number = 0;
  {
    Query query(
        db_,
        "SELECT id FROM kinds WHERE endpoint = ? AND cost_source = ? AND streamed = ? AND status = ? AND flags = ?"
        " AND process = ? AND project = ? AND api_key = ? AND asked_model = ? AND target_model = ? AND"
        " served_model = ? AND provider = ? AND error_code = ? AND finish_reason = ? AND price_version = ?");
    for (const std::int64_t column : columns) query.bind(column);
    if (query.next()) number = query.integer(0);
  }
  if (number == 0) {
    Query query(db_, "INSERT INTO kinds VALUES(NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (const std::int64_t column : columns) query.bind(column);
    query.run();
    number = db_.last_row_id();
  }
  if (numbers_.size() >= kRemembered) numbers_.clear();
  if (db_.ok()) numbers_.emplace(columns, number);
  return number;
}

void Kinds::forget() {
  numbers_.clear();
  last_number_ = 0;
}

}  // namespace gateway::sqlite
