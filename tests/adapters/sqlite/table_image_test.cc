#include "adapters/sqlite/table_image.h"

#include <algorithm>
#include <limits>
#include <random>
#include <string>

#include "adapters/sqlite/ledger_fixture.h"

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
  bool take() { return Query(*db, "INSERT INTO main.taken SELECT * FROM image.given").run_unless_taken(); }
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
  REQUIRE(f.image.show());
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
    REQUIRE(f.image.show());
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
  CHECK_FALSE(f.image.show());
  f.image.clear();
  f.add(1, 1);
  REQUIRE(f.image.show());
  f.image.clear();
  for (int id = 0; id < 10'000; ++id) f.add(id, id, std::string(1000, 'x'));
  CHECK_FALSE(f.image.show());
  f.image.clear();
  f.add(4, 4);
  REQUIRE(f.image.show());
  CHECK(f.number("SELECT sum(number) FROM image.given") == 4);
}

TEST_CASE("where an id is taken nothing is, and the transaction goes on", "[sqlite][table_image]") {
  ImageFixture f;
  f.db->run("INSERT INTO main.taken VALUES(2, 2, '', x'')");
  f.db->run("BEGIN");
  f.db->run("INSERT INTO main.taken VALUES(9, 9, '', x'')");
  f.add(1, 1), f.add(2, 5), f.add(3, 3);
  REQUIRE(f.image.show());
  CHECK_FALSE(f.take());
  f.db->run("COMMIT");
  CHECK(f.db->ok());
  CHECK(f.number("SELECT sum(number) FROM main.taken") == 11);
}

TEST_CASE("rows are taken over from an image as they are", "[sqlite][table_image]") {
  ImageFixture f;
  Query plan(*f.db, "EXPLAIN INSERT INTO main.taken SELECT * FROM image.given");
  std::string steps;
  while (plan.next()) steps += std::string(plan.text(1)) + " ";
  INFO(steps);
  CHECK(steps.find("Insert") != std::string::npos);
  CHECK(steps.find("MakeRecord") == std::string::npos);
}

}  // namespace
}  // namespace gateway::sqlite
