// The dictionary of texts that repeat from row to row: a number for each.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "adapters/sqlite/database.h"

namespace gateway::sqlite {

// A bounded memory of the table `names` on one connection. Numbers never change. Pruning removes those that nothing
// has any more, but for the highest, so that none of them comes back as another's.
class Names {
 public:
  explicit Names(Database& db) : db_(db) {}

  // The number of a text, inserted if there is none: within a write transaction.
  std::int64_t number(std::string_view text);
  std::optional<std::int64_t> find(std::string_view text);
  // Valid until the next call.
  std::string_view text(std::int64_t number);

  // First of all in a transaction. True: some were removed since the last one, so that all were forgotten.
  bool refresh();
  // After a roll-back: what it took away must not be remembered.
  void forget();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  void remember(std::string_view text, std::int64_t number);

  Database& db_;
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> numbers_;
  std::unordered_map<std::int64_t, std::string> texts_;
  std::int64_t prunings_ = 0;
};

}  // namespace gateway::sqlite
