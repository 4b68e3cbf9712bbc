#include "base/shared_room.h"

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "support/catch.h"

using gateway::SharedRoom;

TEST_CASE("what is taken of a room never exceeds it, and comes back", "[base][shared_room]") {
  SharedRoom room;
  {
    SharedRoom::Share first(room);
    SharedRoom::Share second(room);
    CHECK(first.extend(60, 100));
    CHECK(second.extend(40, 100));
    CHECK(room.taken() == 100);
    CHECK_FALSE(second.extend(41, 100));
    CHECK(room.taken() == 100);
    CHECK(first.extend(10, 100));  // it has as much
    CHECK(room.taken() == 100);
    CHECK_FALSE(first.extend(61, 50));  // the bound was lowered: what is held stays
    CHECK(first.bytes() == 60);

    SharedRoom::Share moved(std::move(first));
    CHECK(moved.bytes() == 60);
    CHECK(room.taken() == 100);
  }
  CHECK(room.taken() == 0);
}

TEST_CASE("threads never hold more of a room than there is", "[base][shared_room][threads]") {
  constexpr std::int64_t kMost = 1000;
  SharedRoom room;
  std::atomic<std::int64_t> held{0}, highest{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5000; ++i) {
        SharedRoom::Share share(room);
        const std::int64_t wanted = 100 + (i * 7 + t * 131) % 400;
        if (!share.extend(wanted, kMost)) continue;
        const std::int64_t now = held.fetch_add(wanted) + wanted;
        for (std::int64_t seen = highest; seen < now && !highest.compare_exchange_weak(seen, now);) {
        }
        held.fetch_sub(wanted);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(highest > 0);
  CHECK(highest <= kMost);
  CHECK(room.taken() == 0);
}
