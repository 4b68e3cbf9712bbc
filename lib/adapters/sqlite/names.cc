#include "adapters/sqlite/names.h"

namespace gateway::sqlite {
namespace {

constexpr std::size_t kRememberedNames = 32 * 1024;

}  // namespace

std::optional<std::int64_t> Names::find(std::string_view text) {
  if (text.empty()) return 0;
  if (const auto found = numbers_.find(text); found != numbers_.end()) return found->second;
  Query query(db_, "SELECT id FROM names WHERE name = ?", text);
  if (!query.next()) return std::nullopt;
  remember(text, query.integer(0));
  return query.integer(0);
}

std::int64_t Names::number(std::string_view text) {
  if (const auto found = find(text)) return *found;
  Query(db_, "INSERT INTO names(name) VALUES(?)", text).run();
  const std::int64_t made = db_.last_row_id();
  if (db_.ok()) remember(text, made);
  return made;
}

std::string_view Names::text(std::int64_t number) {
  if (number == 0) return {};
  if (const auto found = texts_.find(number); found != texts_.end()) return found->second;
  Query query(db_, "SELECT name FROM names WHERE id = ?", number);
  if (!query.next()) {
    db_.fail({ErrorCode::corrupt, "the database is damaged: text " + std::to_string(number) + " is missing"});
    return {};
  }
  remember(query.text(0), number);
  return texts_[number];
}

void Names::remember(std::string_view text, std::int64_t number) {
  if (numbers_.size() >= kRememberedNames) forget();
  numbers_.emplace(text, number);
  texts_.emplace(number, text);
}

bool Names::refresh() {
  Query query(db_, "SELECT value FROM meta WHERE name = 'dictionaries_pruned'");
  const std::int64_t prunings = query.next() ? query.integer(0) : 0;
  if (prunings == prunings_) return false;
  prunings_ = prunings;
  forget();
  return true;
}

void Names::forget() {
  numbers_.clear();
  texts_.clear();
}

}  // namespace gateway::sqlite
