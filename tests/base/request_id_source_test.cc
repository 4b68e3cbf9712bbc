#include "base/request_id_source.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

const WallTime kNow{std::chrono::hours{500'000}};

// The id's first six bytes.
std::array<std::uint8_t, 6> millisecond_of(const RequestId& id) {
  std::array<std::uint8_t, 6> out{};
  std::copy_n(id.bytes.begin(), out.size(), out.begin());
  return out;
}

}  // namespace

TEST_CASE("request ids rise, also when the clock stops or goes back", "[base][request_id_source]") {
  RequestIdSource source(3, 0xFFFF'FFFF'FFFF'FFFF);
  RequestId last = source.next(kNow);
  for (const auto step : {0us, 1us, -1us, 1'000'000us, -86'400'000'000us, 0us, 3'600'000'000us, -1us}) {
    for (int i = 0; i < 100; ++i) {
      const RequestId id = source.next(kNow + step);
      REQUIRE(last < id);
      last = id;
    }
  }
}

TEST_CASE("while the clock is stopped, a millisecond has a bounded number of ids and time goes on",
          "[base][request_id_source]") {
  RequestIdSource source(1, 2);
  const RequestId first = source.next(kNow);
  std::map<std::array<std::uint8_t, 6>, int> of;
  ++of[millisecond_of(first)];
  RequestId last = first;
  for (int i = 1; i < 10 * RequestIdSource::kMostOfAMillisecond; ++i) {
    const RequestId id = source.next(kNow - 1h);
    REQUIRE(last < id);
    ++of[millisecond_of(id)];
    last = id;
  }
  CHECK(of.size() == 10);
  for (const auto& [millisecond, ids] : of) CHECK(ids == RequestIdSource::kMostOfAMillisecond);
  CHECK(last < first_id_of(kNow + 10ms));
  CHECK(first_id_of(kNow + 20ms) < source.next(kNow + 20ms));
}

TEST_CASE("two workers with one seed never make the same request id", "[base][request_id_source]") {
  RequestIdSource a(0, 7), b(1, 7);
  std::set<RequestId> seen;
  for (int i = 0; i < 1000; ++i) {
    CHECK(seen.insert(a.next(kNow)).second);
    CHECK(seen.insert(b.next(kNow)).second);
  }
}

TEST_CASE("processes with neighbouring numbers do not make the same request id", "[base][request_id_source]") {
  std::set<RequestId> seen;
  for (std::uint64_t process = 0; process < 64; ++process) {
    RequestIdSource source(0, process);
    for (int i = 0; i < 100; ++i) REQUIRE(seen.insert(source.next(kNow)).second);
  }
}

TEST_CASE("a request id starts with the milliseconds since 1970 and the worker", "[base][request_id_source]") {
  RequestIdSource source(0x0102, 1);
  const RequestId id = source.next(WallTime{std::chrono::milliseconds{0x0A0B0C0D0E0F}} + 999us);
  const std::array<std::uint8_t, 8> want{0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x01, 0x02};
  CHECK(std::equal(want.begin(), want.end(), id.bytes.begin()));
}

TEST_CASE("times that no id can hold stop at the ends", "[base][request_id_source]") {
  RequestIdSource source(0, 1);
  const RequestId first = source.next(WallTime::min());
  CHECK(first.bytes[0] == 0);
  const RequestId last = source.next(WallTime::max());
  CHECK(last.bytes[0] == 255);
  CHECK(last < source.next(kNow));
}

TEST_CASE("the first id of a moment parts the ids before it from those of it", "[base][request_id_source]") {
  const gateway::WallTime moment{std::chrono::milliseconds(1'795'000'000'123)};
  gateway::RequestIdSource source(0, 1);
  CHECK(source.next(moment - std::chrono::milliseconds(1)) < gateway::first_id_of(moment));
  CHECK(gateway::first_id_of(moment) <= source.next(moment));
  CHECK(gateway::first_id_of(gateway::WallTime::min()) == gateway::RequestId{});
}
