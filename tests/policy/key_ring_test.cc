#include "policy/key_ring.h"

#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

const WallTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};

ApiKey key(std::string id, std::uint8_t first, std::uint8_t last) {
  ApiKey k;
  k.id = std::move(id);
  k.hash.fill(7);
  k.hash.front() = first;
  k.hash.back() = last;
  return k;
}

}  // namespace

TEST_CASE("a key is found by its complete hash", "[policy][key_ring]") {
  const KeyRing ring({key("a", 1, 1), key("b", 1, 2), key("c", 2, 1)});
  REQUIRE(ring.size() == 3);
  REQUIRE(ring.find(key("", 1, 1).hash, kNow)->id == "a");
  REQUIRE(ring.find(key("", 1, 2).hash, kNow)->id == "b");
  REQUIRE(ring.find(key("", 2, 1).hash, kNow)->id == "c");
  REQUIRE(ring.find(key("", 1, 3).hash, kNow) == nullptr);
  REQUIRE(ring.find(KeyHash{}, kNow) == nullptr);
  REQUIRE(KeyRing({}).find(KeyHash{}, kNow) == nullptr);
}

TEST_CASE("a hash that differs in any one byte is another", "[policy][key_ring]") {
  const KeyRing ring({key("a", 1, 1)});
  for (std::size_t i = 0; i < KeyHash{}.size(); ++i) {
    KeyHash other = key("", 1, 1).hash;
    other[i] ^= 0x80;
    REQUIRE(ring.find(other, kNow) == nullptr);
  }
}

TEST_CASE("an expired key is not found from its expiry on", "[policy][key_ring]") {
  ApiKey k = key("a", 1, 1);
  k.expires = kNow;
  const KeyRing ring({k});
  REQUIRE(ring.find(k.hash, kNow - 1us) != nullptr);
  REQUIRE(ring.find(k.hash, kNow) == nullptr);
}

TEST_CASE("a revoked key is not found, whatever the clock says", "[policy][key_ring]") {
  ApiKey k = key("a", 1, 1);
  k.revoked = kNow;
  const KeyRing ring({k});
  REQUIRE(ring.find(k.hash, kNow + 1us) == nullptr);
  REQUIRE(ring.find(k.hash, kNow - 24h) == nullptr);
}

TEST_CASE("a dead key does not hide a live one of the same hash", "[policy][key_ring]") {
  ApiKey dead = key("dead", 1, 1);
  dead.revoked = kNow;
  const KeyRing ring({dead, key("live", 1, 1)});
  REQUIRE(ring.find(dead.hash, kNow)->id == "live");
}
