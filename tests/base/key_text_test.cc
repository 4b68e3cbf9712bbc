#include "base/key_text.h"

#include <random>
#include <set>

#include "support/catch.h"

using namespace gateway;

namespace {

std::string hex(const KeyHash& hash) {
  std::string text;
  for (const auto byte : hash) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace

TEST_CASE("key texts are base 62 of all 256 bits", "[base][key_text]") {
  std::array<std::uint8_t, 32> random{};
  CHECK(make_key_text(random) == "gk-" + std::string(43, '0'));
  random[31] = 61;
  CHECK(make_key_text(random) == "gk-" + std::string(42, '0') + "z");
  random[31] = 62;
  CHECK(make_key_text(random) == "gk-" + std::string(41, '0') + "10");
  random.fill(255);
  CHECK(make_key_text(random).size() == 46);

  std::mt19937_64 engine(1);
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    for (auto& byte : random) byte = static_cast<std::uint8_t>(engine());
    const std::string text = make_key_text(random);
    REQUIRE(looks_like_key(text));
    REQUIRE(seen.insert(text).second);
  }
}

TEST_CASE("changing any bit of the random bytes changes the key", "[base][key_text]") {
  std::array<std::uint8_t, 32> random{};
  random.fill(0xA5);
  std::set<std::string> seen{make_key_text(random)};
  for (std::size_t bit = 0; bit < 256; ++bit) {
    random[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    CHECK(seen.insert(make_key_text(random)).second);
    random[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
}

TEST_CASE("key ids have their prefix and twelve digits", "[base][key_text]") {
  std::array<std::uint8_t, 16> random{};
  CHECK(make_key_id(random) == "key_000000000000");
  random[15] = 1;
  CHECK(make_key_id(random) == "key_000000000001");
  random.fill(255);
  CHECK(make_key_id(random).size() == 16);
}

TEST_CASE("what has not a key's form is seen without a look-up", "[base][key_text]") {
  const std::string good = "gk-" + std::string(43, 'a');
  CHECK(looks_like_key(good));
  CHECK_FALSE(looks_like_key(""));
  CHECK_FALSE(looks_like_key("gk-"));
  CHECK_FALSE(looks_like_key(good + "a"));
  CHECK_FALSE(looks_like_key(good.substr(1)));
  CHECK_FALSE(looks_like_key("sk-" + std::string(43, 'a')));
  CHECK_FALSE(looks_like_key("gk-" + std::string(42, 'a') + "-"));
  CHECK_FALSE(looks_like_key("gk-" + std::string(42, 'a') + "\xC3"));
}

TEST_CASE("keys are hashed with SHA-256", "[base][key_text]") {
  CHECK(hex(key_hash("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(key_hash("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  KeyHasher hasher;
  for (int i = 0; i < 3; ++i) CHECK(hasher.hash("abc") == key_hash("abc"));
  CHECK(hasher.hash("abd") != key_hash("abc"));
}
