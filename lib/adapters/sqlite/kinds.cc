#include "adapters/sqlite/kinds.h"

namespace gateway::sqlite {
namespace {

constexpr std::size_t kRemembered = 16 * 1024;

// Whether they differ in nothing that a kind has.
bool same_kind(const Row& a, const Row& b) noexcept {
  return a.endpoint == b.endpoint && a.cost_source == b.cost_source && a.streamed == b.streamed &&
         a.status == b.status && a.flags == b.flags && a.process == b.process && a.project == b.project &&
         a.key == b.key && a.asked_model == b.asked_model && a.target_model == b.target_model &&
         a.served_model == b.served_model && a.provider == b.provider && a.error_code == b.error_code &&
         a.finish_reason == b.finish_reason && a.price_version == b.price_version;
}

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

const Kind& Kinds::of(const Row& row) {
  auto& [like, kind] = last_[row.state == RowState::open ? 1 : 0];
  if (kind.number != 0 && same_kind(row, like)) return kind;
  kind.texts = number_names(names_, row, like, kind.texts);
  kind.number = number(columns_of(row, kind.texts));
  like = row;
  if (!db_.ok()) forget();
  return kind;
}

std::int64_t Kinds::number(const Columns& columns) {
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
  last_ = {};
}

}  // namespace gateway::sqlite
