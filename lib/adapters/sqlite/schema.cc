#include "adapters/sqlite/schema.h"

#include <chrono>
#include <thread>

#include "adapters/sqlite/migrations.h"

namespace gateway::sqlite {
namespace {

// One row a record of an attempt: what is its own in `entries`, what it shares with many in `kinds`, and the view
// `ledger` of both together. A row's id holds the time of its request (see row_place.h). Open entries have an index,
// since they are looked for at every start. Written for each request, `entries` is kept small: times after `accepted`
// count from it, and what is none is NULL.
constexpr const char* kKinds = R"sql(
CREATE TABLE kinds(
  id INTEGER PRIMARY KEY,
  operation INTEGER NOT NULL, surface INTEGER NOT NULL, cost_source INTEGER NOT NULL, streamed INTEGER NOT NULL,
  status INTEGER NOT NULL, flags INTEGER NOT NULL, process INTEGER NOT NULL, project INTEGER NOT NULL,
  api_key INTEGER NOT NULL, asked_model INTEGER NOT NULL, target_model INTEGER NOT NULL, served_model INTEGER NOT NULL,
  provider INTEGER NOT NULL, error_code INTEGER NOT NULL, finish_reason INTEGER NOT NULL, price_version INTEGER NOT NULL,
  UNIQUE(project, api_key, asked_model, target_model, served_model, provider, process, flags, status,
    operation, surface, cost_source, streamed, error_code, finish_reason, price_version)) STRICT;
)sql";
constexpr const char* kView = R"sql(
CREATE VIEW ledger AS SELECT
  request, attempt, entry, state, operation, cost_source, streamed, status, flags, process, input, cached_input,
  cache_write, output, reasoning, hold, cost, accepted, coalesce(accepted + dispatched_after, 0) AS dispatched,
  coalesce(accepted + first_byte_after, 0) AS first_byte, coalesce(accepted + ended_after, 0) AS ended, project, api_key,
  asked_model, target_model, served_model, provider, error_code, finish_reason, price_version,
  coalesce(client_request_id, '') AS client_request_id, coalesce(generation_id, '') AS generation_id, upstream_cost,
  surface, images, audio_ms, characters, searches, entries.id AS id
  FROM entries CROSS JOIN kinds ON kinds.id = entries.kind;
)sql";

// Money is in 10^-12 USD; what may pass 64 bits is a pair of whole dollars and 0 <= pico < 10^12. Times are
// microseconds since 1970, UTC; zero if there is none. Texts that repeat are numbers of `names`; 0 is the empty
// text.
constexpr const char* kTables = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE refusals(
  minute INTEGER NOT NULL, project INTEGER NOT NULL, asked_model INTEGER NOT NULL, error_code INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY(minute, project, asked_model, error_code)) STRICT, WITHOUT ROWID;

CREATE TABLE accounts(
  id INTEGER PRIMARY KEY, project INTEGER NOT NULL, period INTEGER NOT NULL, starts INTEGER NOT NULL,
  ends INTEGER NOT NULL, spent_dollars INTEGER NOT NULL, spent_pico INTEGER NOT NULL,
  cap INTEGER,
  uncovered_dollars INTEGER NOT NULL DEFAULT 0, uncovered_pico INTEGER NOT NULL DEFAULT 0,
  UNIQUE(project, period, starts, ends)) STRICT;
CREATE TABLE slices(
  account INTEGER NOT NULL, process INTEGER NOT NULL, amount INTEGER NOT NULL,
  PRIMARY KEY(account, process)) STRICT, WITHOUT ROWID;

CREATE TABLE projects(
  name TEXT PRIMARY KEY, requests_per_minute INTEGER, tokens_per_minute INTEGER, concurrent INTEGER,
  max_output_tokens INTEGER, spend_mode INTEGER NOT NULL, timezone TEXT NOT NULL, allow_unpriced INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE project_models(
  project TEXT NOT NULL, position INTEGER NOT NULL, pattern TEXT NOT NULL,
  PRIMARY KEY(project, position)) STRICT, WITHOUT ROWID;
CREATE TABLE project_caps(
  project TEXT NOT NULL, position INTEGER NOT NULL, period INTEGER NOT NULL, cap INTEGER NOT NULL,
  PRIMARY KEY(project, position)) STRICT, WITHOUT ROWID;
CREATE TABLE project_warnings(
  project TEXT NOT NULL, cap_position INTEGER NOT NULL, position INTEGER NOT NULL, percent INTEGER NOT NULL,
  PRIMARY KEY(project, cap_position, position)) STRICT, WITHOUT ROWID;
CREATE TABLE project_zones(
  project TEXT NOT NULL, position INTEGER NOT NULL, from_second INTEGER NOT NULL, offset_seconds INTEGER NOT NULL,
  PRIMARY KEY(project, position)) STRICT, WITHOUT ROWID;
CREATE TABLE api_keys(
  id TEXT PRIMARY KEY, name TEXT NOT NULL, project TEXT NOT NULL, hash BLOB NOT NULL UNIQUE,
  created INTEGER NOT NULL, expires INTEGER, revoked INTEGER) STRICT, WITHOUT ROWID;

INSERT INTO names VALUES(0, '');
INSERT INTO meta VALUES('tenants_version', abs(random() >> 2)), ('pruned_before_bucket', -9223372036854775807);
)sql";

// Sums of closed rows: of each quarter of an hour, and of each day of UTC, whose lines have the bucket of its first
// quarter, and the last one in which something was attempted.
constexpr const char* kSums = R"sql((
  bucket INTEGER NOT NULL, project INTEGER NOT NULL, api_key INTEGER NOT NULL, asked_model INTEGER NOT NULL,
  served_model INTEGER NOT NULL, provider INTEGER NOT NULL, operation INTEGER NOT NULL, state INTEGER NOT NULL,
  error_code INTEGER NOT NULL,
  requests INTEGER NOT NULL, attempts INTEGER NOT NULL,
  input INTEGER NOT NULL, cached_input INTEGER NOT NULL, cache_write INTEGER NOT NULL, output INTEGER NOT NULL,
  reasoning INTEGER NOT NULL, cost_dollars INTEGER NOT NULL, cost_pico INTEGER NOT NULL,
  upstream_dollars INTEGER NOT NULL DEFAULT 0, upstream_pico INTEGER NOT NULL DEFAULT 0,
  images INTEGER NOT NULL DEFAULT 0, audio_ms INTEGER NOT NULL DEFAULT 0, characters INTEGER NOT NULL DEFAULT 0,
  searches INTEGER NOT NULL DEFAULT 0)sql";
constexpr const char* kSumsKey = R"sql(,
  PRIMARY KEY(bucket, project, api_key, asked_model, served_model, provider, operation, state, error_code))
  STRICT, WITHOUT ROWID)sql";

// The rows that were accepted in a quarter of an hour: they lie among the ids from `first` to `last`, and none takes
// longer, in microseconds, or costs more than it says. So a search looks only where something may be.
constexpr const char* kQuarters = R"sql(
CREATE TABLE quarters(
  bucket INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, longest INTEGER NOT NULL,
  dearest INTEGER NOT NULL) STRICT;
)sql";

// A process's last heartbeat and how long that holds; and whether it was fenced, and released after that.
constexpr const char* kProcesses = R"sql(
CREATE TABLE processes(
  process INTEGER PRIMARY KEY, beat INTEGER NOT NULL, life INTEGER NOT NULL, fenced INTEGER NOT NULL,
  released INTEGER NOT NULL) STRICT;
)sql";

// Which provider made an answer for a project, by the id that the provider gave it: see Ledger::provider_of_answer.
constexpr const char* kAnswers = R"sql(
CREATE TABLE answers(
  generation_id TEXT NOT NULL, project INTEGER NOT NULL, provider INTEGER NOT NULL,
  PRIMARY KEY(generation_id, project, provider)) STRICT, WITHOUT ROWID;
)sql";

struct Identity {
  std::int64_t application = 0;
  std::int64_t version = 0;
  bool empty = false;
};

std::int64_t scalar(Database& db, const std::string& sql) {
  Query query(db, sql);
  return query.next() ? query.integer(0) : 0;
}

Identity identify(Database& db) {
  Identity identity;
  identity.application = scalar(db, "PRAGMA application_id");
  identity.version = scalar(db, "PRAGMA user_version");
  identity.empty = scalar(db, "SELECT count(*) FROM sqlite_schema") == 0;
  return identity;
}

Result<void> check(const Identity& found, const std::string& path) {
  if (found.application != kApplicationId) {
    return Error{ErrorCode::corrupt, "database " + path + " is not a gateway ledger: it has other tables"};
  }
  if (found.version > kSchemaVersion) {
    return Error{ErrorCode::newer_schema, "database " + path + " has schema version " + std::to_string(found.version) +
                                              "; this program knows up to " + std::to_string(kSchemaVersion)};
  }
  if (found.version < 1 || found.empty) return Error{ErrorCode::corrupt, "database " + path + " is damaged: no tables"};
  return {};
}

// SQLite does not wait for others by itself when the journal's mode changes, as it does for a new file.
Result<void> use_wal(Database& db, int busy_timeout_ms) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(busy_timeout_ms);
  for (;;) {
    db.run("PRAGMA journal_mode = WAL");
    Result<void> result = db.take_error();
    if (result || result.error().code != ErrorCode::unavailable || std::chrono::steady_clock::now() > give_up) {
      return result;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Result<void> create_tables(Database& db) {
  Transaction transaction(db, Transaction::Kind::schema);
  if (identify(db).empty) {  // else another process was first
    db.run(kTables);
    db.run((std::string("CREATE TABLE rollup") + kSums + kSumsKey).c_str());
    create_days(db);
    create_quarters(db);
    create_answers(db);
    create_processes(db);
    create_ledger(db);
    db.run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
    db.run(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
  }
  return transaction.commit();
}

Result<void> migrate_to_current(Database& db) {
  Transaction transaction(db, Transaction::Kind::schema);
  const std::int64_t version = identify(db).version;
  if (version < kSchemaVersion) {  // else another process was first
    migrate(db, version);
    db.run(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
  }
  return transaction.commit();
}

}  // namespace

void create_ledger(Database& db) {
  create_kinds(db);
  db.run(create_entries("main").c_str());
  create_view(db);
}

void create_kinds(Database& db) { db.run(kKinds); }

void create_days(Database& db) {
  db.run((std::string("CREATE TABLE rollup_days") + kSums + ", last INTEGER NOT NULL" + kSumsKey).c_str());
}

void create_quarters(Database& db) { db.run(kQuarters); }

void create_answers(Database& db) { db.run(kAnswers); }

void create_processes(Database& db) { db.run(kProcesses); }

void create_view(Database& db) { db.run(kView); }

std::string create_entries(const std::string& schema) {
  return "CREATE TABLE " + schema + R"sql(.entries(
  id INTEGER PRIMARY KEY, request BLOB NOT NULL, attempt INTEGER NOT NULL, entry INTEGER NOT NULL,
  state INTEGER NOT NULL, kind INTEGER NOT NULL,
  input INTEGER NOT NULL, cached_input INTEGER NOT NULL, cache_write INTEGER NOT NULL, output INTEGER NOT NULL,
  reasoning INTEGER NOT NULL, hold INTEGER NOT NULL, cost INTEGER NOT NULL,
  accepted INTEGER NOT NULL, dispatched_after INTEGER, first_byte_after INTEGER, ended_after INTEGER,
  client_request_id TEXT, generation_id TEXT, upstream_cost INTEGER NOT NULL DEFAULT 0,
  images INTEGER NOT NULL DEFAULT 0, audio_ms INTEGER NOT NULL DEFAULT 0, characters INTEGER NOT NULL DEFAULT 0,
  searches INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX )sql" +
         schema + ".open_entries ON entries(kind) WHERE state = 0";
}

Result<std::unique_ptr<Database>> open_ledger(const std::string& path, Access access, int busy_timeout_ms) {
  auto opened = Database::open(path, access, busy_timeout_ms);
  if (!opened) return opened;
  Database& db = **opened;
  Identity found = identify(db);
  if (auto error = db.take_error(); !error) return std::move(error).error();

  const bool fresh = found.empty && found.application == 0 && found.version == 0;
  if (fresh && access == Access::read) {
    return Error{ErrorCode::unavailable, "database " + path + " is empty: nothing has been recorded yet"};
  }
  if (!fresh) {
    if (auto checked = check(found, path); !checked) return std::move(checked).error();
  }
  const bool old = !fresh && found.version < kSchemaVersion;
  if (old && access == Access::read) {
    return Error{ErrorCode::unavailable,
                 "database " + path + " was made by an earlier version; `gateway serve` brings it up to date"};
  }
  if (access != Access::read) {
    if (auto wal = use_wal(db, busy_timeout_ms); !wal) return std::move(wal).error();
    db.run("PRAGMA synchronous = FULL");
    db.run("PRAGMA journal_size_limit = 67108864");
    if (old) {
      if (auto done = migrate_to_current(db); !done) return std::move(done).error();
    }
    if (fresh) {
      if (auto made = create_tables(db); !made) return std::move(made).error();
      found = identify(db);
      if (auto error = db.take_error(); !error) return std::move(error).error();
      if (auto checked = check(found, path); !checked) return std::move(checked).error();
    }
  }
  if (auto error = db.take_error(); !error) return std::move(error).error();
  return opened;
}

}  // namespace gateway::sqlite
