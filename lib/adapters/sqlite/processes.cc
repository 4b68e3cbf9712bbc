#include "adapters/sqlite/processes.h"

#include "adapters/sqlite/row_columns.h"

namespace gateway::sqlite {
namespace {

constexpr std::chrono::days kMarksKept{30};

}  // namespace

Result<void> check_not_fenced(Database& db, std::uint64_t process) {
  Query query(db, "SELECT 1 FROM processes WHERE process = ? AND fenced <> 0", signed_of(process));
  if (!query.next()) return {};
  return Error{ErrorCode::fenced, "this process was taken for dead, and its rows were closed"};
}

void beat(Database& db, std::uint64_t process, WallTime now, std::chrono::milliseconds life) {
  Query(db,
        "INSERT INTO processes VALUES(?,?,?,0,0) ON CONFLICT DO UPDATE SET beat = excluded.beat, life = excluded.life",
        signed_of(process), micros_of(now), std::chrono::microseconds(life).count())
      .run();
}

void fence(Database& db, std::uint64_t process, WallTime now) {
  Query(db, "DELETE FROM processes WHERE fenced <> 0 AND released <> 0 AND beat < ?", micros_of(now - kMarksKept))
      .run();
  Query(db,
        "INSERT INTO processes VALUES(?,?,0,1,0)"
        " ON CONFLICT DO UPDATE SET beat = excluded.beat, life = 0, fenced = 1, released = 0",
        signed_of(process), micros_of(now))
      .run();
}

void release_process(Database& db, std::uint64_t process) {
  Query(db, "DELETE FROM processes WHERE process = ? AND fenced = 0", signed_of(process)).run();
  Query(db, "UPDATE processes SET released = 1 WHERE process = ?", signed_of(process)).run();
}

std::vector<ProcessState> read_processes(Database& db, WallTime now) {
  std::vector<ProcessState> out;
  Query query(db,
              "SELECT process, beat, life FROM processes WHERE released = 0"
              " UNION ALL SELECT DISTINCT process, 0, 0 FROM slices"
              " WHERE process NOT IN (SELECT process FROM processes WHERE released = 0) ORDER BY process");
  while (query.next()) {
    const std::int64_t apart = micros_of(now) - query.integer(1), life = query.integer(2);
    out.push_back({static_cast<std::uint64_t>(query.integer(0)), -life < apart && apart < life});
  }
  return out;
}

}  // namespace gateway::sqlite
