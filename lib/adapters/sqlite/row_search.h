// Where in `entries` a search looks for rows: by the sums, which tell in which quarters of an hour there may be some.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "adapters/sqlite/conditions.h"
#include "adapters/sqlite/database.h"
#include "gateway/ledger.h"

namespace gateway::sqlite {

// Row ids; both belong to it.
struct Stretch {
  std::int64_t first = 0, last = std::numeric_limits<std::int64_t>::max();
  bool empty() const noexcept { return first > last; }
};
Stretch common_part(const Stretch& a, const Stretch& b) noexcept;

// A search in steps, from its beginning on: first as far as mostly is enough, then, as far as rows are wanted, through
// longer and longer parts of the ids, in which it skips where nothing can be. Rows that are inserted meanwhile far from
// the newest may be missed.
class RowSearch {
 public:
  // The part near the beginning of `all`, in which nothing is skipped.
  const Stretch& near_begin(Database& db, const Stretch& all, bool descending);
  // Goes on through another part. False: there is none. `kind`: conditions on what rows have in common.
  bool go_on(Database& db, const RowQuery& asked, const Conditions& kind, bool descending);
  // Where there may be rows beyond near_begin(), in the order of the search; as far as it has gone.
  const std::vector<Stretch>& found() const noexcept { return found_; }

 private:
  struct Quarter {
    std::int64_t bucket = 0;
    Stretch rows;
  };
  static std::vector<Quarter> quarters_of(Database& db, const RowQuery& asked);
  static void keep_those_with(Database& db, const RowQuery& asked, const Conditions& kind,
                              std::vector<Quarter>& quarters);
  Stretch take_part(bool descending);

  bool begun_ = false;
  Stretch near_, left_;    // of the ids
  std::int64_t part_ = 0;  // how many of them the next part has
  std::optional<std::vector<Quarter>> quarters_;
  std::vector<Stretch> found_;
};

}  // namespace gateway::sqlite
