#include "adapters/sqlite/row_place.h"

#include <set>

#include "adapters/sqlite/ledger_fixture.h"
#include "base/request_id_source.h"

namespace gateway::sqlite {
namespace {

TEST_CASE("places are in the order of milliseconds, and each home is among its own", "[sqlite][row_place]") {
  const RowPlaces before = places_of(request_id(9, 1'795'000'000'000)),
                  after = places_of(request_id(1, 1'795'000'000'001));
  CHECK(before.last + 1 == after.first);
  CHECK(after.last - after.first == 2097151);
  CHECK(places_around(before.first + 77).first == before.first);
  CHECK(places_around(before.first + 77).last == before.last);
  for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    const std::int64_t home = home_of(request_id(n, 1'795'000'000'001), 65535, 65535);
    CHECK(after.first <= home);
    CHECK(home <= after.last);
  }
  CHECK(next_place(after, after.first) == after.first + 1);
  CHECK(next_place(after, after.last) == after.first);
}

TEST_CASE("milliseconds that no place can hold are the last one's", "[sqlite][row_place]") {
  const RowPlaces last = places_of(request_id(1, (std::uint64_t{1} << 42) - 1));
  CHECK(last.last == std::numeric_limits<std::int64_t>::max());
  CHECK(places_of(request_id(1, (std::uint64_t{1} << 48) - 1)).first == last.first);
  CHECK(places_of(request_id(1, 0)).first == 0);
}

TEST_CASE("requests of a process have homes of their own, and so their attempts and corrections",
          "[sqlite][row_place]") {
  std::set<std::int64_t> homes;
  std::size_t rows = 0;
  for (std::uint16_t worker = 0; worker < 8; ++worker) {
    RequestIdSource source(worker, 42);
    for (int n = 0; n < 1000; ++n) {
      const RequestId id = source.next(kMorning);
      for (std::uint16_t attempt = 1; attempt <= 3; ++attempt) homes.insert(home_of(id, attempt, 0)), ++rows;
      homes.insert(home_of(id, 1, 1)), ++rows;
    }
  }
  CHECK(homes.size() == rows);
}

TEST_CASE("requests that follow one another have homes that do", "[sqlite][row_place]") {
  RequestIdSource source(1, 42);
  int falls = 0;
  std::int64_t last = 0;
  for (int n = 0; n < 100'000; ++n) {
    const std::int64_t home = home_of(source.next(kMorning + std::chrono::microseconds(20 * n)), 1, 0);
    falls += home < last ? 1 : 0;
    last = home;
  }
  CHECK(falls <= 1);  // where the sequence's bits begin anew within a millisecond
}

}  // namespace
}  // namespace gateway::sqlite
