#include "adapters/sqlite/migrations.h"

#include <sqlite3.h>

#include <cstring>
#include <optional>
#include <unordered_set>

#include "adapters/sqlite/row_place.h"
#include "adapters/sqlite/schema.h"

namespace gateway::sqlite {
namespace {

// Version 1 had one table of all columns; versions 2 and 3 had entries without an id. Each is made `old_ledger`, with
// the columns that the view had. Version 4 lacked what providers of the provider are paid, version 5 the
// processes, version 6 surfaces and the units beside tokens, version 7 sums by day,
// version 8 the quarters of an hour, version 9 who made which answer.
constexpr const char* kSetAsideVersion1 = "DROP INDEX open_rows; ALTER TABLE ledger RENAME TO old_ledger;";
constexpr const char* kSetAside = R"sql(
CREATE TABLE old_ledger AS SELECT * FROM ledger;
DROP VIEW ledger; DROP TABLE entries; DROP TABLE kinds;
)sql";
constexpr const char* kCopyRows = R"sql(
INSERT INTO kinds SELECT DISTINCT NULL, endpoint, 0, cost_source, streamed, status, flags, process, project, api_key,
  asked_model, target_model, served_model, provider, error_code, finish_reason, price_version FROM old_ledger;
INSERT INTO entries SELECT place_of(request, attempt, entry), request, attempt, entry, state, kind, input, cached_input,
  cache_write, output, reasoning, hold, cost, accepted, nullif(dispatched, 0) - accepted,
  nullif(first_byte, 0) - accepted, nullif(ended, 0) - accepted, nullif(client_request_id, ''),
  nullif(generation_id, ''), 0, 0, 0, 0, 0
  FROM (SELECT old.*, kinds.id AS kind FROM (SELECT *, endpoint AS operation FROM old_ledger) AS old JOIN kinds
    USING(operation, cost_source, streamed, status, flags, process, project, api_key, asked_model, target_model,
    served_model, provider, error_code, finish_reason, price_version) ORDER BY request, attempt, entry);
DROP TABLE old_ledger;
)sql";

constexpr const char* kAddUpstreamToSums = R"sql(
ALTER TABLE rollup ADD COLUMN upstream_dollars INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN upstream_pico INTEGER NOT NULL DEFAULT 0;
)sql";
constexpr const char* kAddUpstreamToRows = R"sql(
ALTER TABLE entries ADD COLUMN upstream_cost INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr const char* kAddUnitsToSums = R"sql(
ALTER TABLE rollup RENAME COLUMN endpoint TO operation;
ALTER TABLE rollup ADD COLUMN images INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN audio_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN characters INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup ADD COLUMN searches INTEGER NOT NULL DEFAULT 0;
)sql";
constexpr const char* kAddUnitsToRows = R"sql(
ALTER TABLE entries ADD COLUMN images INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN audio_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN characters INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN searches INTEGER NOT NULL DEFAULT 0;
ALTER TABLE kinds RENAME TO old_kinds;
)sql";
constexpr const char* kCopyKinds = R"sql(
INSERT INTO kinds SELECT id, endpoint, 0, cost_source, streamed, status, flags, process, project, api_key, asked_model,
  target_model, served_model, provider, error_code, finish_reason, price_version FROM old_kinds;
DROP TABLE old_kinds;
)sql";

// Dollars of up to 2^63 / 10^12 lines are added without loss.
constexpr const char* kSumDays = R"sql(
INSERT INTO rollup_days SELECT bucket - ((bucket % 96) + 96) % 96 AS day, project, api_key, asked_model, served_model,
  provider, operation, state, error_code, sum(requests), sum(attempts), sum(input), sum(cached_input), sum(cache_write),
  sum(output), sum(reasoning), sum(cost_dollars) + sum(cost_pico) / 1000000000000, sum(cost_pico) % 1000000000000,
  sum(upstream_dollars) + sum(upstream_pico) / 1000000000000, sum(upstream_pico) % 1000000000000, sum(images),
  sum(audio_ms), sum(characters), sum(searches), max(iif(attempts > 0, bucket, 0))
  FROM rollup GROUP BY day, project, api_key, asked_model, served_model, provider, operation, state, error_code;
)sql";

// A row may lie anywhere within its millisecond, 2^21 ids.
constexpr const char* kFindQuarters = R"sql(
INSERT INTO quarters SELECT accepted / 900000000 - (accepted % 900000000 < 0) AS bucket, min(id & ~2097151),
  max(id | 2097151), max(coalesce(max(ended_after), 0), 0), max(max(cost), 0) FROM entries GROUP BY 1;
)sql";

// Of the surface `responses`, closed, the attempt itself: see base/stored_answer.h.
constexpr const char* kFindAnswers = R"sql(
INSERT OR IGNORE INTO answers SELECT generation_id, project, provider FROM entries CROSS JOIN kinds
  ON kinds.id = entries.kind WHERE surface = 2 AND state <> 0 AND entry = 0 AND generation_id IS NOT NULL;
)sql";

// The SQL function place_of(request, attempt, entry): the row ids of rows that come in the order of these three.
class OldRows {
 public:
  explicit OldRows(Database& db) : db_(db) {
    db_.check(sqlite3_create_function_v2(db_.handle(), "place_of", 3, SQLITE_UTF8, this, place_of, nullptr, nullptr,
                                         nullptr));
  }
  ~OldRows() {
    sqlite3_create_function_v2(db_.handle(), "place_of", 3, SQLITE_UTF8, nullptr, nullptr, nullptr, nullptr, nullptr);
  }
  OldRows(const OldRows&) = delete;
  OldRows& operator=(const OldRows&) = delete;

 private:
  static void place_of(sqlite3_context* out, int, sqlite3_value** values) {
    RequestId request;
    if (static_cast<std::size_t>(sqlite3_value_bytes(values[0])) != request.bytes.size()) {
      return sqlite3_result_error(out, "has a row whose request id is damaged", -1);
    }
    std::memcpy(request.bytes.data(), sqlite3_value_blob(values[0]), request.bytes.size());
    const auto number = [&](int i) { return static_cast<std::uint16_t>(sqlite3_value_int(values[i])); };
    auto& rows = *static_cast<OldRows*>(sqlite3_user_data(out));
    const auto place = rows.place(places_of(request), home_of(request, number(1), number(2)));
    if (!place)
      return sqlite3_result_error(out, "has more rows of one millisecond than this version has places for", -1);
    sqlite3_result_int64(out, *place);
  }
  std::optional<std::int64_t> place(const RowPlaces& places, std::int64_t home) {
    if (places.first != places_.first) taken_.clear();
    places_ = places;
    std::int64_t place = home;
    while (!taken_.insert(place).second) {
      place = next_place(places_, place);
      if (place == home) return {};
    }
    return place;
  }

  Database& db_;
  RowPlaces places_;
  std::unordered_set<std::int64_t> taken_;  // of these
};

void copy_rows(Database& db, std::int64_t version) {
  const OldRows places(db);
  db.run(version == 1 ? kSetAsideVersion1 : kSetAside);
  create_ledger(db);
  db.run(kCopyRows);
}

void migrate_to_units(Database& db, std::int64_t version) {
  if (version < 6) create_processes(db);
  if (version < 5) db.run(kAddUpstreamToSums);
  if (version < 4) {
    copy_rows(db, version);
    return db.run(kAddUnitsToSums);
  }
  db.run("DROP VIEW ledger");
  if (version < 5) db.run(kAddUpstreamToRows);
  db.run(kAddUnitsToSums);
  db.run(kAddUnitsToRows);
  create_kinds(db);
  db.run(kCopyKinds);
  create_view(db);
}

}  // namespace

void migrate(Database& db, std::int64_t version) {
  if (version < 7) migrate_to_units(db, version);
  if (version < 8) {
    create_days(db);
    db.run(kSumDays);
  }
  if (version < 9) {
    create_quarters(db);
    db.run(kFindQuarters);
  }
  create_answers(db);
  db.run(kFindAnswers);
}

}  // namespace gateway::sqlite
