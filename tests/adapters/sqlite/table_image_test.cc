#include "adapters/sqlite/table_image.h"

#include <algorithm>
#include <limits>
#include <random>
#include <string>

#include "adapters/sqlite/ledger_fixture.h"
#include "adapters/sqlite/schema.h"

namespace gateway::sqlite {
namespace {

std::string create(const char* table) {
  std::string sql = "CREATE TABLE ";
  sql.append(table).append("(id INTEGER PRIMARY KEY, number INTEGER, word TEXT, bytes BLOB) STRICT");
  return sql;
}

struct ImageFixture {
  ImageFixture() { db->run(create("main.taken").c_str()); }

  void add(std::int64_t id, std::int64_t number, std::string_view word = "", std::string_view bytes = "") {
    record.clear();
    record.null();
    record.integer(number);
    record.text(word);
    record.blob({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    image.add(id, record);
  }
  bool take() { return Query(*db, "INSERT INTO main.taken SELECT * FROM image.given").run_or_conflict(); }
  std::int64_t number(const std::string& sql) {
    Query query(*db, sql);
    REQUIRE(query.next());
    return query.integer(0);
  }

  TempDirectory directory;
  std::unique_ptr<Database> db = *Database::open(directory.file("any.db"), Access::create, 1000);
  TableImage image{*db, "image", create("image.given")};
  Record record;
};

TEST_CASE("values of every size come back from an image", "[sqlite][table_image]") {
  ImageFixture f;
  std::vector<std::int64_t> values{
      0, 1, -1, 2, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  for (int bits = 1; bits < 63; ++bits) {
    for (const std::int64_t off : {-1, 0, 1}) {
      values.push_back((std::int64_t{1} << bits) + off);
      values.push_back(-(std::int64_t{1} << bits) + off);
    }
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    f.add(static_cast<std::int64_t>(i), values[i], std::string(i, 'w'), std::string(i % 200, '\0'));
  }
  f.add(std::numeric_limits<std::int64_t>::max(), 7);
  f.add(-5, 6);
  REQUIRE(f.image.publish());
  REQUIRE(f.take());
  for (const char* table : {"image.given", "main.taken"}) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      Query query(*f.db, std::string("SELECT number, word, bytes FROM ") + table + " WHERE id = ?");
      query.bind(i);
      REQUIRE(query.next());
      CHECK(query.integer(0) == values[i]);
      CHECK(query.text(1) == std::string(i, 'w'));
      CHECK(query.blob(2).size() == i % 200);
    }
  }
  CHECK(f.number("SELECT number FROM taken WHERE id = 9223372036854775807") == 7);
  CHECK(f.number("SELECT number FROM taken WHERE id = -5") == 6);
  CHECK(f.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == 0);
  CHECK(f.db->ok());
}

TEST_CASE("an image has what was shown last, from no row to many pages", "[sqlite][table_image]") {
  ImageFixture f;
  std::mt19937 random(3);
  for (const int count : {3, 0, 5000, 1, 300, 20'000, 2}) {
    std::vector<std::int64_t> ids;
    for (int i = 0; i < count; ++i) ids.push_back(i * 1'000'003LL + count);
    std::shuffle(ids.begin(), ids.end(), random);
    f.image.clear();
    for (const std::int64_t id : ids) f.add(id, 2 * id, "word of " + std::to_string(id));
    REQUIRE(f.image.publish());
    INFO(count);
    CHECK(f.number("SELECT count(*) FROM image.given") == count);
    CHECK(f.number("SELECT count(*) FROM image.given WHERE number = 2 * id AND word = 'word of ' || id") == count);
    CHECK(f.number("SELECT count(*) FROM pragma_integrity_check('given') WHERE integrity_check <> 'ok'") == 0);
    REQUIRE(f.take());
    CHECK(f.number("SELECT count(*) FROM main.taken") == count);
    f.db->run("DELETE FROM main.taken");
  }
}

TEST_CASE("what does not fit an image, or came twice, is not shown", "[sqlite][table_image]") {
  ImageFixture f;
  f.add(1, 1), f.add(2, 2), f.add(1, 3);
  CHECK_FALSE(f.image.publish());
  f.image.clear();
  f.add(1, 1);
  REQUIRE(f.image.publish());
  f.image.clear();
  for (int id = 0; id < 10'000; ++id) f.add(id, id, std::string(1000, 'x'));
  CHECK_FALSE(f.image.publish());
  f.image.clear();
  f.add(4, 4);
  REQUIRE(f.image.publish());
  CHECK(f.number("SELECT sum(number) FROM image.given") == 4);
}

TEST_CASE("if an id is taken nothing is stored, and the transaction goes on", "[sqlite][table_image]") {
  ImageFixture f;
  f.db->run("INSERT INTO main.taken VALUES(2, 2, '', x'')");
  f.db->run("BEGIN");
  f.db->run("INSERT INTO main.taken VALUES(9, 9, '', x'')");
  f.add(1, 1), f.add(2, 5), f.add(3, 3);
  REQUIRE(f.image.publish());
  CHECK_FALSE(f.take());
  f.db->run("COMMIT");
  CHECK(f.db->ok());
  CHECK(f.number("SELECT sum(number) FROM main.taken") == 11);
}

TEST_CASE("a ledger takes rows over from an image as they are", "[sqlite][table_image]") {
  const TempDirectory directory;
  const auto db = *open_ledger(directory.file("gateway.db"), Access::create, 1000);
  const TableImage image(*db, "batch", create_entries("batch"));
  Query plan(*db, "EXPLAIN INSERT INTO main.entries SELECT * FROM batch.entries");
  std::string steps;
  while (plan.next()) steps += std::string(plan.text(1)) + " ";
  INFO(steps);
  CHECK(steps.find("Insert") != std::string::npos);
  CHECK(steps.find("Column") == std::string::npos);
  CHECK(steps.find("MakeRecord") == std::string::npos);
}

TEST_CASE("an image takes all that its pages hold, and not one row more", "[sqlite][table_image]") {
  ImageFixture f;
  // 7 of these fill a page, and 510 pages are there for leaves.
  const std::string word(900, 'x');
  for (const int count : {7, 8, 14, 3563, 3564, 3570, 3571, 4000, 5}) {
    f.image.clear();
    for (int id = 0; id < count; ++id) f.add(id, 2 * id, word, std::string(118, 'y'));
    INFO(count);
    const bool fits = count <= 3570;
    CHECK(f.image.publish() == fits);
    if (!fits) continue;
    CHECK(f.number("SELECT sum(number) FROM image.given") == std::int64_t{count} * (count - 1));
    CHECK(f.number("SELECT count(*) FROM pragma_integrity_check('given') WHERE integrity_check <> 'ok'") == 0);
    REQUIRE(f.take());
    CHECK(f.number("SELECT sum(number) FROM main.taken") == std::int64_t{count} * (count - 1));
    CHECK(f.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == 0);
    f.db->run("DELETE FROM main.taken");
  }
}

TEST_CASE("pages that are full to the last byte are read as they were written", "[sqlite][table_image]") {
  ImageFixture f;
  for (int size = 0; size < 900; size += 7) {
    f.image.clear();
    std::int64_t words = 0;
    for (int id = 0; id < 60; ++id) {
      const auto length = static_cast<std::size_t>(id < 40 ? (id * 37 + size) % 190 : size);
      f.add(id * 3'000'000'000LL, id, std::string(length, 'w'));
      words += static_cast<std::int64_t>(length);
    }
    REQUIRE(f.image.publish());
    INFO(size);
    CHECK(f.number("SELECT sum(length(word)) FROM image.given") == words);
    CHECK(f.number("SELECT count(*) FROM pragma_integrity_check('given') WHERE integrity_check <> 'ok'") == 0);
  }
}

TEST_CASE("after a statement that failed, and one that was rolled back, an image has what is shown next",
          "[sqlite][table_image]") {
  ImageFixture f;
  for (int n = 0; n < 50; ++n) {
    f.image.clear();
    const int count = 1 + (n * 97) % 900;
    for (int id = 0; id < count; ++id) f.add(id, n);
    f.db->run("BEGIN");
    REQUIRE(f.image.publish());
    if (n % 3 == 1) f.db->run(("INSERT INTO main.taken VALUES(" + std::to_string(count - 1) + ", 0, '', x'')").c_str());
    CHECK(f.take() == (n % 3 != 1));
    if (n % 3 == 2) f.db->run("SAVEPOINT one; INSERT INTO main.taken VALUES(-1, -1, '', x''); ROLLBACK TO one");
    f.db->run(n % 2 == 0 ? "COMMIT" : "ROLLBACK");
    CHECK(f.number("SELECT count(*) FROM image.given") == count);
    CHECK(f.number("SELECT min(number) FROM image.given") == n);
    if (n % 2 == 0 && n % 3 != 1) CHECK(f.number("SELECT sum(number) FROM main.taken") == std::int64_t{count} * n);
    f.db->run("DELETE FROM main.taken");
    REQUIRE(f.db->ok());
  }
}

}  // namespace
}  // namespace gateway::sqlite
