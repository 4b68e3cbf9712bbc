#include "adapters/sqlite/kinds.h"

#include <cstddef>
#include <cstring>

namespace gateway::sqlite {
namespace {

constexpr std::size_t kRemembered = 16 * 1024;

// A kind's texts are neighbours in a Row, but for the generation's id, and compared as bytes: what they leave unused is
// zero.
constexpr std::size_t kFirstTexts = offsetof(Row, project), kFirstEnd = offsetof(Row, generation_id);
constexpr std::size_t kLastTexts = offsetof(Row, error_code);
constexpr std::size_t kLastEnd = offsetof(Row, price_version) + sizeof(Row::price_version);
static_assert(kFirstEnd - kFirstTexts == sizeof(Row::project) + sizeof(Row::key) + sizeof(Row::asked_model) +
                                             sizeof(Row::target_model) + sizeof(Row::served_model) +
                                             sizeof(Row::provider));
static_assert(kLastEnd - kLastTexts ==
              sizeof(Row::error_code) + sizeof(Row::finish_reason) + sizeof(Row::price_version));

bool same_texts(const Row& a, const Row& b, std::size_t from, std::size_t to) noexcept {
  const auto bytes = [from](const Row& row) { return reinterpret_cast<const char*>(&row) + from; };
  return std::memcmp(bytes(a), bytes(b), to - from) == 0;
}

// Whether they differ in nothing that a kind has.
bool same_kind(const Row& a, const Row& b) noexcept {
  return a.operation == b.operation && a.surface == b.surface && a.cost_source == b.cost_source &&
         a.streamed == b.streamed && a.status == b.status && a.flags == b.flags && a.process == b.process &&
         same_texts(a, b, kFirstTexts, kFirstEnd) && same_texts(a, b, kLastTexts, kLastEnd);
}

}  // namespace

Kinds::Columns Kinds::columns_of(const Row& row, const RowNames& texts) {
  return {static_cast<std::int64_t>(row.operation),
          static_cast<std::int64_t>(row.surface),
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
    Query query(db_,
                "SELECT id FROM kinds WHERE operation = ? AND surface = ? AND cost_source = ? AND streamed = ? AND "
                "status = ? AND flags = ?"
                " AND process = ? AND project = ? AND api_key = ? AND asked_model = ? AND target_model = ? AND"
                " served_model = ? AND provider = ? AND error_code = ? AND finish_reason = ? AND price_version = ?");
    for (const std::int64_t column : columns) query.bind(column);
    if (query.next()) number = query.integer(0);
  }
  if (number == 0) {
    Query query(db_, "INSERT INTO kinds VALUES(NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
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
