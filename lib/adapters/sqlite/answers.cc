#include "adapters/sqlite/answers.h"

#include "base/stored_answer.h"

namespace gateway::sqlite {

void AnswerOwners::add(const Row& row, const RowNames& texts) {
  if (may_be_stored(row)) owned_.push_back({row.generation_id, texts.project, texts.provider});
}

void AnswerOwners::write(Database& db) const {
  for (const Owned& each : owned_) {
    Query(db, "INSERT OR IGNORE INTO answers VALUES(?,?,?)", each.id.view(), each.project, each.provider).run();
  }
}

std::optional<std::string> provider_of_answer(Database& db, Names& names, std::string_view project,
                                              std::string_view id) {
  const auto number = names.find(project);
  if (!number) return {};
  std::int64_t provider = 0;
  {
    Query query(db, "SELECT provider FROM answers WHERE generation_id = ? AND project = ?", id, *number);
    if (!query.next()) return {};
    provider = query.integer(0);
  }
  return std::string(names.text(provider));
}

}  // namespace gateway::sqlite
