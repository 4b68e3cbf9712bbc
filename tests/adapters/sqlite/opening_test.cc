#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "adapters/sqlite/ledger_fixture.h"

namespace gateway {
namespace {

namespace fs = std::filesystem;

Error refusal(const SqliteStoreOptions& options) {
  const auto opened = open_sqlite_store(options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().detail.find('\n') == std::string::npos);
  CHECK_FALSE(opened.error().detail.empty());
  return opened.error();
}

void run_sql(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  const int code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  INFO(sqlite3_errmsg(db));
  CHECK(code == SQLITE_OK);
  sqlite3_close(db);
}

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("a file of a newer schema is refused and left alone", "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  REQUIRE(append(*open_store(path), {settled_row(1)}));
  run_sql(path, "PRAGMA user_version = 11");
  const std::string before = contents(path);
  const Error error = refusal({.path = path});
  CHECK(error.code == ErrorCode::newer_schema);
  CHECK(error.detail.find("version 11") != std::string::npos);
  CHECK(contents(path) == before);
}

fs::perms mode_of(const std::string& path) { return fs::status(path).permissions() & fs::perms::all; }

// Another user for as long as it lives, if the test runs as root: to whom permissions mean nothing.
class OrdinaryUser {
 public:
  OrdinaryUser() {
    if (::geteuid() == 0) REQUIRE(::seteuid(65534) == 0);
  }
  ~OrdinaryUser() {
    if (::getuid() == 0) (void)!::seteuid(0);
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;
};

TEST_CASE("a new database and what SQLite creates beside it are their owner's alone, whatever the umask",
          "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  const mode_t before = ::umask(0);
  const auto store = open_store(path);
  REQUIRE(append(*store, {settled_row(1)}));
  ::umask(before);
  const fs::perms owner = fs::perms::owner_read | fs::perms::owner_write;
  for (const char* part : {"", "-wal", "-shm"}) CHECK(mode_of(path + part) == owner);
}

TEST_CASE("the mode that an operator set on a database stays", "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  open_store(path).reset();
  fs::permissions(path, fs::perms::group_read, fs::perm_options::add);
  const auto store = open_store(path);
  REQUIRE(append(*store, {settled_row(1)}));
  for (const char* part : {"", "-wal"}) CHECK((mode_of(path + part) & fs::perms::group_read) != fs::perms::none);
}

TEST_CASE("however a path is typed, it leads to one database path", "[sqlite][opening]") {
  const TempDirectory directory;
  fs::create_directory(directory.file("real"));
  fs::create_directory_symlink(directory.file("real"), directory.file("folder"));
  fs::create_symlink("real/gw.db", directory.file("link.db"));
  const std::string real = fs::canonical(directory.file("real")).string() + "/gw.db";
  const auto each_is_real = [&] {
    for (const char* typed : {"real/gw.db", "folder/gw.db", "link.db", "real/../folder/./gw.db"}) {
      CHECK(resolve_sqlite_path(directory.file(typed)) == real);
    }
    const fs::path here = fs::current_path();
    fs::current_path(directory.file("real"));
    CHECK(resolve_sqlite_path("gw.db") == real);
    fs::current_path(here);
  };
  each_is_real();
  REQUIRE(append(*open_store(directory.file("link.db")), {settled_row(1)}));
  CHECK(mode_of(real) == (fs::perms::owner_read | fs::perms::owner_write));
  each_is_real();
}

// Only root may mount.
TEST_CASE("a database that is mounted by itself is the one that it was mounted from", "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string real = directory.file("real.db"), place = directory.file("a place.db");
  open_store(real).reset();
  std::ofstream(place).close();
  if (::mount(real.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) != 0) return;
  CHECK(resolve_sqlite_path(place) == fs::canonical(real).string());
  const auto there = open_store(place);
  REQUIRE(append(*there, {settled_row(1)}));
  CHECK(all_rows(*open_store(real)).size() == 1);  // while it is in the write-ahead log alone
  CHECK_FALSE(fs::exists(place + "-wal"));
  REQUIRE(::umount(place.c_str()) == 0);
  CHECK(resolve_sqlite_path(place) != resolve_sqlite_path(real));
}

TEST_CASE("a place that cannot be written is reported", "[sqlite][opening]") {
  const TempDirectory directory;
  fs::permissions(directory.path(), fs::perms(0755));
  fs::create_directory(directory.file("closed"));
  fs::permissions(directory.file("closed"), fs::perms(0555));
  const OrdinaryUser user;
  const std::string unwritable = refusal({.path = directory.file("closed/gateway.db")}).detail;
  CHECK(unwritable.find("not writable: Permission denied") != std::string::npos);
  CHECK(unwritable.find("No such file") == std::string::npos);
  const std::string missing = refusal({.path = directory.file("none/gateway.db")}).detail;
  INFO(missing);
  CHECK(missing.find("there is no folder") != std::string::npos);
}

// What a ledger of this version is made into one of an earlier version by: first into one of version 6, then 5, then 4.
constexpr const char* kIntoVersion6 = R"sql(
    DROP TABLE answers; DROP TABLE quarters; DROP TABLE rollup_days; DROP VIEW ledger;
    ALTER TABLE rollup RENAME COLUMN operation TO endpoint;
    ALTER TABLE rollup DROP COLUMN images; ALTER TABLE rollup DROP COLUMN audio_ms;
    ALTER TABLE rollup DROP COLUMN characters; ALTER TABLE rollup DROP COLUMN searches;
    ALTER TABLE entries DROP COLUMN images; ALTER TABLE entries DROP COLUMN audio_ms;
    ALTER TABLE entries DROP COLUMN characters; ALTER TABLE entries DROP COLUMN searches;
    CREATE TABLE narrow(
      id INTEGER PRIMARY KEY, endpoint INTEGER NOT NULL, cost_source INTEGER NOT NULL, streamed INTEGER NOT NULL,
      status INTEGER NOT NULL, flags INTEGER NOT NULL, process INTEGER NOT NULL, project INTEGER NOT NULL,
      api_key INTEGER NOT NULL, asked_model INTEGER NOT NULL, target_model INTEGER NOT NULL,
      served_model INTEGER NOT NULL, provider INTEGER NOT NULL, error_code INTEGER NOT NULL,
      finish_reason INTEGER NOT NULL, price_version INTEGER NOT NULL) STRICT;
    INSERT INTO narrow SELECT id, operation, cost_source, streamed, status, flags, process, project, api_key,
      asked_model, target_model, served_model, provider, error_code, finish_reason, price_version FROM kinds;
    DROP TABLE kinds; ALTER TABLE narrow RENAME TO kinds;
    CREATE VIEW ledger AS SELECT
      request, attempt, entry, state, endpoint, cost_source, streamed, status, flags, process, input, cached_input,
      cache_write, output, reasoning, hold, cost, accepted, coalesce(accepted + dispatched_after, 0) AS dispatched,
      coalesce(accepted + first_byte_after, 0) AS first_byte, coalesce(accepted + ended_after, 0) AS ended, project,
      api_key, asked_model, target_model, served_model, provider, error_code, finish_reason, price_version,
      coalesce(client_request_id, '') AS client_request_id, coalesce(generation_id, '') AS generation_id,
      upstream_cost, entries.id AS id FROM entries CROSS JOIN kinds ON kinds.id = entries.kind;
    PRAGMA user_version = 6;)sql";
constexpr const char* kIntoVersion5 = "DROP TABLE processes; PRAGMA user_version = 5;";
constexpr const char* kIntoVersion4 = R"sql(
    DROP VIEW ledger;
    ALTER TABLE entries DROP COLUMN upstream_cost;
    ALTER TABLE rollup DROP COLUMN upstream_dollars; ALTER TABLE rollup DROP COLUMN upstream_pico;
    CREATE VIEW ledger AS SELECT
      request, attempt, entry, state, endpoint, cost_source, streamed, status, flags, process, input, cached_input,
      cache_write, output, reasoning, hold, cost, accepted, coalesce(accepted + dispatched_after, 0) AS dispatched,
      coalesce(accepted + first_byte_after, 0) AS first_byte, coalesce(accepted + ended_after, 0) AS ended, project,
      api_key, asked_model, target_model, served_model, provider, error_code, finish_reason, price_version,
      coalesce(client_request_id, '') AS client_request_id, coalesce(generation_id, '') AS generation_id,
      entries.id AS id FROM entries CROSS JOIN kinds ON kinds.id = entries.kind;
    PRAGMA user_version = 4;)sql";
constexpr const char* kStaysVersion4 = "";
constexpr const char* kStaysVersion6 = nullptr;
constexpr const char* kStaysVersion5 = "5";
constexpr const char* kIntoVersion1 = R"sql(
    CREATE TABLE whole(
      request BLOB NOT NULL, attempt INTEGER NOT NULL, entry INTEGER NOT NULL,
      state INTEGER NOT NULL, endpoint INTEGER NOT NULL, cost_source INTEGER NOT NULL, streamed INTEGER NOT NULL,
      status INTEGER NOT NULL, flags INTEGER NOT NULL, process INTEGER NOT NULL,
      input INTEGER NOT NULL, cached_input INTEGER NOT NULL, cache_write INTEGER NOT NULL, output INTEGER NOT NULL,
      reasoning INTEGER NOT NULL, hold INTEGER NOT NULL, cost INTEGER NOT NULL,
      accepted INTEGER NOT NULL, dispatched INTEGER NOT NULL, first_byte INTEGER NOT NULL, ended INTEGER NOT NULL,
      project INTEGER NOT NULL, api_key INTEGER NOT NULL, asked_model INTEGER NOT NULL, target_model INTEGER NOT NULL,
      served_model INTEGER NOT NULL, provider INTEGER NOT NULL, error_code INTEGER NOT NULL,
      finish_reason INTEGER NOT NULL, price_version INTEGER NOT NULL, client_request_id TEXT NOT NULL,
      generation_id TEXT NOT NULL, PRIMARY KEY(request, attempt, entry)) STRICT, WITHOUT ROWID;
    ALTER TABLE whole ADD COLUMN id INTEGER;
    INSERT INTO whole SELECT * FROM ledger;
    ALTER TABLE whole DROP COLUMN id;
    DROP VIEW ledger; DROP TABLE entries; DROP TABLE kinds;
    ALTER TABLE whole RENAME TO ledger;
    CREATE INDEX open_rows ON ledger(process) WHERE state = 0;
    PRAGMA user_version = 1)sql";
constexpr const char* kIntoVersion2 = R"sql(
    CREATE TABLE absolute(
      request BLOB NOT NULL, attempt INTEGER NOT NULL, entry INTEGER NOT NULL,
      state INTEGER NOT NULL, kind INTEGER NOT NULL,
      input INTEGER NOT NULL, cached_input INTEGER NOT NULL, cache_write INTEGER NOT NULL, output INTEGER NOT NULL,
      reasoning INTEGER NOT NULL, hold INTEGER NOT NULL, cost INTEGER NOT NULL,
      accepted INTEGER NOT NULL, dispatched INTEGER NOT NULL, first_byte INTEGER NOT NULL, ended INTEGER NOT NULL,
      client_request_id TEXT NOT NULL, generation_id TEXT NOT NULL,
      PRIMARY KEY(request, attempt, entry)) STRICT, WITHOUT ROWID;
    INSERT INTO absolute SELECT ledger.request, ledger.attempt, ledger.entry, ledger.state, entries.kind, ledger.input,
      ledger.cached_input, ledger.cache_write, ledger.output, ledger.reasoning, ledger.hold, ledger.cost,
      ledger.accepted, ledger.dispatched, ledger.first_byte, ledger.ended, ledger.client_request_id,
      ledger.generation_id FROM ledger JOIN entries USING(request, attempt, entry);
    DROP VIEW ledger; DROP TABLE entries;
    ALTER TABLE absolute RENAME TO entries;
    CREATE INDEX open_entries ON entries(kind) WHERE state = 0;
    CREATE VIEW ledger AS SELECT
      request, attempt, entry, state, endpoint, cost_source, streamed, status, flags, process, input, cached_input,
      cache_write, output, reasoning, hold, cost, accepted, dispatched, first_byte, ended, project, api_key,
      asked_model, target_model, served_model, provider, error_code, finish_reason, price_version, client_request_id,
      generation_id FROM entries CROSS JOIN kinds ON kinds.id = entries.kind;
    PRAGMA user_version = 2)sql";
constexpr const char* kIntoVersion3 = R"sql(
    CREATE TABLE without_id(
      request BLOB, attempt INTEGER, entry INTEGER, state INTEGER, kind INTEGER,
      input INTEGER, cached_input INTEGER, cache_write INTEGER, output INTEGER, reasoning INTEGER,
      hold INTEGER, cost INTEGER,
      accepted INTEGER, dispatched_after INTEGER, first_byte_after INTEGER, ended_after INTEGER,
      client_request_id TEXT, generation_id TEXT, PRIMARY KEY(request, attempt, entry)) STRICT, WITHOUT ROWID;
    INSERT INTO without_id SELECT request, attempt, entry, state, kind, input, cached_input, cache_write, output,
      reasoning, hold, cost, accepted, dispatched_after, first_byte_after, ended_after, client_request_id, generation_id
      FROM entries;
    DROP VIEW ledger; DROP TABLE entries;
    ALTER TABLE without_id RENAME TO entries;
    CREATE INDEX open_entries ON entries(kind) WHERE state = 0;
    CREATE VIEW ledger AS SELECT
      request, attempt, entry, state, endpoint, cost_source, streamed, status, flags, process, input, cached_input,
      cache_write, output, reasoning, hold, cost, accepted, coalesce(accepted + dispatched_after, 0) AS dispatched,
      coalesce(accepted + first_byte_after, 0) AS first_byte, coalesce(accepted + ended_after, 0) AS ended, project,
      api_key, asked_model, target_model, served_model, provider, error_code, finish_reason, price_version,
      coalesce(client_request_id, '') AS client_request_id, coalesce(generation_id, '') AS generation_id
      FROM entries CROSS JOIN kinds ON kinds.id = entries.kind;
    PRAGMA user_version = 3)sql";

TEST_CASE("a ledger of an earlier version is brought up to date, all rows as they were", "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  std::vector<Row> rows{open_row(1)};
  for (std::uint64_t n = 2; n <= 30; ++n) {
    rows.push_back(settled_row(n));
    rows.back().process = n % 3;
    if (n % 4 == 0) rows.back().served_model = "another";
    if (n % 5 == 0) rows.back().first_byte = {};
    if (n % 6 == 0) rows.back().request = request_id(n, 3);  // several of a millisecond
    if (n % 12 == 0) rows.back().request.bytes[8] = 1;       // with the same home as the one before
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.request < b.request; });
  for (Row& row : rows) {  // no earlier version knew of these
    row.upstream_cost = {};
    row.surface = SurfaceKind::openai;
    row.usage.images = row.usage.audio_ms = row.usage.characters = row.usage.searches = 0;
  }
  REQUIRE(append(*open_store(path), rows));
  run_sql(path, kIntoVersion6);
  const char* const more =
      GENERATE(kStaysVersion6, kStaysVersion5, kStaysVersion4, kIntoVersion1, kIntoVersion2, kIntoVersion3);
  if (more != kStaysVersion6) run_sql(path, kIntoVersion5);
  if (more != kStaysVersion6 && more != kStaysVersion5) {
    run_sql(path, kIntoVersion4);
    run_sql(path, more);
  }

  const Error error = refusal({.path = path, .read_only = true});
  CHECK(error.code == ErrorCode::unavailable);
  CHECK(error.detail.find("earlier version") != std::string::npos);

  for (int opening = 0; opening < 2; ++opening) {
    const auto store = open_store(path);
    const auto found = all_rows(*store);
    REQUIRE(found.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) CHECK(same_row(found[i], rows[i]));
    CHECK(store->open_rows(0)->size() == 1);
    CHECK(store->heartbeat(1, kMorning, std::chrono::seconds(30)));
  }
  REQUIRE(append(*open_store(path), {settled_row(1), settled_row(2), settled_row(31)}));
  CHECK(all_rows(*open_store(path)).size() == 31);
  CHECK(verify_ledger(path)->findings == std::vector<std::string>{});
}

TEST_CASE("a damaged row of an earlier version is reported, and the file left as it was", "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  REQUIRE(append(*open_store(path), {settled_row(1), settled_row(2)}));
  run_sql(path, kIntoVersion6);
  run_sql(path, kIntoVersion5);
  run_sql(path, kIntoVersion4);
  run_sql(path, kIntoVersion3);
  run_sql(path, "UPDATE entries SET request = x'0102' WHERE request = (SELECT max(request) FROM entries)");
  for (int i = 0; i < 2; ++i) {
    const Error error = refusal({.path = path});
    CHECK(error.code == ErrorCode::corrupt);
    CHECK(error.detail.find("has a row whose request id is damaged") != std::string::npos);
  }
  run_sql(path, "UPDATE entries SET request = x'00000000000000000000000000000002' WHERE length(request) = 2");
  CHECK(all_rows(*open_store(path)).size() == 2);
}

TEST_CASE("another program's database is refused and left alone", "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string path = directory.file("other.db");
  run_sql(path, "CREATE TABLE notes(text); INSERT INTO notes VALUES('dear diary')");
  const std::string before = contents(path);
  const Error error = refusal({.path = path});
  CHECK(error.code == ErrorCode::corrupt);
  CHECK(error.detail.find("not a gateway ledger") != std::string::npos);
  CHECK(contents(path) == before);
}

TEST_CASE("what is no database is refused in one line", "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  std::ofstream(path) << std::string(5000, 'x');
  const Error error = refusal({.path = path});
  CHECK(error.code == ErrorCode::corrupt);
  CHECK(error.detail.find("is not a database") != std::string::npos);
}

TEST_CASE("a damaged ledger is distinguished from a healthy one when it is read", "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  {
    const auto store = open_store(path);
    std::vector<Row> rows;
    for (std::uint64_t n = 1; n <= 2000; ++n) rows.push_back(settled_row(n));
    REQUIRE(append(*store, rows));
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(0, std::ios::end);
    const auto size = static_cast<std::size_t>(file.tellg());
    file.seekp(4096 * 8);
    file << std::string(size - 4096 * 8, '\xa5');
  }
  auto opened = open_sqlite_store({.path = path});
  Result<void> read =
      opened ? (*opened)->rows({.limit = 0}, [](const Row&) { return true; }) : Result<void>(std::move(opened).error());
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::corrupt);
}

TEST_CASE("what is missing is made only if that was requested", "[sqlite][opening]") {
  const TempDirectory directory;
  CHECK(refusal({.path = directory.file("none.db"), .create = false}).code == ErrorCode::unavailable);
  CHECK(refusal({.path = directory.file("none.db"), .read_only = true}).code == ErrorCode::unavailable);
  CHECK(refusal({.path = directory.file("nowhere/none.db")}).code == ErrorCode::unavailable);
  CHECK(refusal({.path = directory.path()}).code == ErrorCode::unavailable);
  CHECK(refusal({.path = ""}).code == ErrorCode::invalid);
  CHECK(refusal({.path = ":memory:"}).code == ErrorCode::invalid);
  CHECK_FALSE(std::filesystem::exists(directory.file("none.db")));
  std::ofstream(directory.file("empty.db")).flush();
  CHECK(refusal({.path = directory.file("empty.db"), .read_only = true}).code == ErrorCode::unavailable);
  CHECK(open_sqlite_store({.path = directory.file("empty.db"), .create = false}));
}

TEST_CASE("a transaction that was cut off is gone when the file is opened", "[sqlite][opening]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db"), copy = directory.file("copy.db");
  const auto store = open_store(path);
  REQUIRE(append(*store, {settled_row(1)}));
  REQUIRE(append(*store, {settled_row(2)}));
  std::filesystem::copy_file(path, copy);
  const std::string log = contents(path + "-wal");
  for (const std::size_t cut : {log.size() - 1, log.size() / 2, std::size_t{40}, std::size_t{0}}) {
    std::filesystem::remove(copy + "-shm");
    std::filesystem::remove(copy);
    std::filesystem::copy_file(path, copy);
    std::ofstream(copy + "-wal", std::ios::binary | std::ios::trunc) << log.substr(0, cut);
    const auto opened = open_sqlite_store({.path = copy});
    if (!opened) continue;  // nothing but the log ever held the tables
    const auto rows = all_rows(**opened);
    CHECK(rows.size() <= 1);
    CHECK(total(**opened).attempts == static_cast<std::int64_t>(rows.size()));
    CHECK(append(**opened, {settled_row(9)}));
  }
}

}  // namespace
}  // namespace gateway
