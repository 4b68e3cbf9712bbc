#include "base/checksum.h"

#include <random>
#include <string_view>
#include <vector>

#include "support/catch.h"

using namespace gateway;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

TEST_CASE("crc32c returns the checksums of RFC 3720, B.4", "[base][checksum]") {
  std::vector<std::byte> bytes(32, std::byte{0});
  CHECK(crc32c(bytes) == 0x8A9136AAU);
  bytes.assign(32, std::byte{0xFF});
  CHECK(crc32c(bytes) == 0x62A8AB43U);
  for (unsigned i = 0; i < 32; ++i) bytes[i] = static_cast<std::byte>(i);
  CHECK(crc32c(bytes) == 0x46DD794EU);
  for (unsigned i = 0; i < 32; ++i) bytes[i] = static_cast<std::byte>(31 - i);
  CHECK(crc32c(bytes) == 0x113FDB5CU);
  CHECK(crc32c(bytes_of("123456789")) == 0xE3069283U);
  CHECK(crc32c({}) == 0);
}

TEST_CASE("the portable checksum is the processor's, at any length and alignment", "[base][checksum]") {
  std::mt19937_64 random(1);
  std::vector<std::byte> bytes(3000);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random());
  for (std::size_t begin = 0; begin < 16; ++begin) {
    for (std::size_t length = 0; length < 200; ++length) {
      const auto part = std::span(bytes).subspan(begin, length);
      REQUIRE(crc32c(part) == crc32c_portable(part));
    }
  }
  CHECK(crc32c(bytes) == crc32c_portable(bytes));
}

TEST_CASE("a checksum goes on from the one before it", "[base][checksum]") {
  const auto whole = bytes_of("the quick brown fox jumps over the lazy dog");
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    CHECK(crc32c(whole.subspan(cut), crc32c(whole.first(cut))) == crc32c(whole));
  }
}

TEST_CASE("any changed bit changes the checksum", "[base][checksum]") {
  std::vector<std::byte> bytes(64, std::byte{0x5A});
  const std::uint32_t before = crc32c(bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    CHECK(crc32c(bytes) != before);
    bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
  }
}
