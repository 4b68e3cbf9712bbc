#include "gateway/row_sequence.h"

#include <vector>

#include "ledger/journal_reader.h"
#include "support/catch.h"

using namespace gateway;

namespace {

Row row_of(std::uint8_t n) {
  Row row;
  row.request.bytes[15] = n;
  row.project = std::string(n, 'p');
  return row;
}

std::vector<std::uint8_t> numbers(RowSequence rows) {
  std::vector<std::uint8_t> out;
  for (const Row& row : rows) {
    CHECK(row.project.view() == std::string(row.request.bytes[15], 'p'));
    out.push_back(row.request.bytes[15]);
  }
  return out;
}

}  // namespace

TEST_CASE("rows of a journal pass through one row's memory, as often as they are requested", "[ledger][journal]") {
  const auto journal = Journal::in_memory(16, 1);
  for (const std::uint8_t n : std::vector<std::uint8_t>{7, 2, 5}) {
    REQUIRE(journal->reserve());
    journal->open(row_of(n));
  }
  JournalReader reader(*journal);
  Waiting waiting;
  reader.read(waiting, 10, {});
  const RowSequence rows(waiting.rows);
  CHECK(rows.size() == 3);
  for (int i = 0; i < 2; ++i) CHECK(numbers(rows) == std::vector<std::uint8_t>{7, 2, 5});
  CHECK(&rows[0] == &rows[2]);
}

TEST_CASE("rows in memory are a sequence as they are", "[ledger]") {
  const std::vector<Row> kept{row_of(1), row_of(2)};
  CHECK(numbers(kept) == std::vector<std::uint8_t>{1, 2});
  CHECK(&RowSequence(kept)[1] == &kept[1]);
  CHECK(RowSequence().empty());
}
