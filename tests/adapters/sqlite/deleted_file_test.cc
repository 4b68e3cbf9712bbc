#include <fstream>

#include "adapters/sqlite/ledger_fixture.h"

namespace gateway {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a file removed while it is open is restored with all that was in it", "[sqlite][lost]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  const auto store = open_store(path);
  REQUIRE(append(*store, {settled_row(1), settled_row(2)}));

  SECTION("the database alone: its stale write-ahead log does no harm") { fs::remove(path); }
  SECTION("with its write-ahead log") {
    for (const char* part : {"", "-wal", "-shm"}) fs::remove(path + part);
  }
  REQUIRE(append(*store, {settled_row(3)}));
  CHECK(fs::exists(path));
  CHECK(all_rows(*store).size() == 3);
  CHECK(total(*store).attempts == 3);
  CHECK(all_rows(*open_store(path)).size() == 3);
  for (const auto& entry : fs::directory_iterator(directory.path())) {
    CHECK(entry.path().filename().string().find("recovered") == std::string::npos);
  }
}

TEST_CASE("that a file was restored is logged, and it is its owner's alone", "[sqlite][lost]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  std::vector<std::string> logged;
  SqliteStoreOptions options{.path = path};
  options.log = [&](const LogEvent& event) { logged.emplace_back(event.message); };
  auto store = open_sqlite_store(options);
  REQUIRE(store);
  REQUIRE(append(**store, {settled_row(1)}));
  CHECK(logged.empty());
  fs::remove(path);
  REQUIRE(append(**store, {settled_row(2)}));
  REQUIRE(logged.size() == 1);
  CHECK(logged[0].find(path + " was removed while in use") != std::string::npos);
  CHECK((fs::status(path).permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a reader notices that the file was restored", "[sqlite][lost]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  const auto store = open_store(path);
  REQUIRE(append(*store, {settled_row(1)}));
  const auto reader = open_sqlite_store({.path = path, .read_only = true});
  REQUIRE(reader);
  CHECK(total(**reader).attempts == 1);
  for (const char* part : {"", "-wal", "-shm"}) fs::remove(path + part);
  UsageQuery everything;
  const auto missing = (*reader)->usage(everything);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::unavailable);
  REQUIRE(append(*store, {settled_row(2)}));
  CHECK(total(**reader).attempts == 2);
}

TEST_CASE("of two processes that lost their file both go on with the same one", "[sqlite][lost]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  const auto one = open_store(path);
  const auto two = open_store(path);
  REQUIRE(append(*one, {settled_row(1)}));
  REQUIRE(append(*two, {settled_row(2)}));
  for (const char* part : {"", "-wal", "-shm"}) fs::remove(path + part);
  REQUIRE(append(*two, {settled_row(3)}));
  REQUIRE(append(*one, {settled_row(4)}));
  REQUIRE(append(*two, {settled_row(5)}));
  CHECK(all_rows(*one).size() == 5);
  CHECK(all_rows(*two).size() == 5);
}

TEST_CASE("if the file cannot be restored the store refuses until it can", "[sqlite][lost]") {
  const TempDirectory directory;
  fs::create_directory(directory.file("data"));
  const std::string path = directory.file("data/gateway.db");
  const auto store = open_store(path);
  REQUIRE(append(*store, {settled_row(1)}));
  fs::rename(directory.file("data"), directory.file("away"));
  for (int i = 0; i < 2; ++i) {
    const auto refused = append(*store, {settled_row(2)});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::unavailable);
  }
  fs::rename(directory.file("away"), directory.file("data"));
  REQUIRE(append(*store, {settled_row(2)}));
  CHECK(all_rows(*store).size() == 2);
}

TEST_CASE("another file at the path is taken for the ledger once it is one", "[sqlite][lost]") {
  const TempDirectory directory;
  const std::string path = directory.file("gateway.db");
  REQUIRE(append(*open_store(directory.file("backup.db")), {settled_row(7)}));
  const auto store = open_store(path);
  const auto version = *store->tenants_version();
  REQUIRE(append(*store, {settled_row(1)}));
  for (const char* part : {"", "-wal", "-shm"}) fs::remove(path + part);

  SECTION("a backup") {
    fs::copy_file(directory.file("backup.db"), path);
    REQUIRE(append(*store, {settled_row(2)}));
    CHECK(all_rows(*store).size() == 2);
    CHECK(all_rows(*store)[0].request == request_id(2));
  }
  SECTION("an empty file") {
    std::ofstream(path).flush();
    REQUIRE(append(*store, {settled_row(2)}));
    CHECK(all_rows(*store).size() == 1);
  }
  SECTION("nonsense is refused, and then the ledger is restored") {
    std::ofstream(path) << "nonsense that is no database, and long enough to be seen as such: "
                        << std::string(4096, '.');
    const auto refused = append(*store, {settled_row(2)});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::corrupt);
    fs::remove(path);
    REQUIRE(append(*store, {settled_row(2)}));
    CHECK(all_rows(*store).size() == 2);
    return;
  }
  CHECK(*store->tenants_version() != version);
}

}  // namespace
}  // namespace gateway
