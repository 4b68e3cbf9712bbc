#include "base/checksum.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace gateway {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // bits reversed

// Table k holds what a byte contributes that lies k bytes before the end of a group of eight.
constexpr auto kTables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1U) ? kPolynomial : 0U);
    tables[0][i] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t i = 0; i < 256; ++i) {
      tables[k][i] = tables[k - 1][i] >> 8 ^ tables[0][tables[k - 1][i] & 255U];
    }
  }
  return tables;
}();

std::uint32_t byte_at(const std::byte* p) noexcept { return std::to_integer<std::uint32_t>(*p); }

std::uint32_t update_portable(std::uint32_t crc, const std::byte* p, std::size_t n) noexcept {
  for (; n >= 8; p += 8, n -= 8) {
    crc = kTables[7][(crc ^ byte_at(p)) & 255U] ^ kTables[6][(crc >> 8 ^ byte_at(p + 1)) & 255U] ^
          kTables[5][(crc >> 16 ^ byte_at(p + 2)) & 255U] ^ kTables[4][(crc >> 24 ^ byte_at(p + 3)) & 255U] ^
          kTables[3][byte_at(p + 4)] ^ kTables[2][byte_at(p + 5)] ^ kTables[1][byte_at(p + 6)] ^
          kTables[0][byte_at(p + 7)];
  }
  for (; n > 0; ++p, --n) crc = crc >> 8 ^ kTables[0][(crc ^ byte_at(p)) & 255U];
  return crc;
}

using Update = std::uint32_t (*)(std::uint32_t, const std::byte*, std::size_t) noexcept;

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t update_sse42(std::uint32_t crc, const std::byte* p,
                                                             std::size_t n) noexcept {
  std::uint64_t wide = crc;
  for (; n >= 8; p += 8, n -= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, sizeof word);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = static_cast<std::uint32_t>(wide);
  for (; n > 0; ++p, --n) crc = _mm_crc32_u8(crc, std::to_integer<unsigned char>(*p));
  return crc;
}

Update best_update() noexcept { return __builtin_cpu_supports("sse4.2") ? update_sse42 : update_portable; }
#else
Update best_update() noexcept { return update_portable; }
#endif

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before) noexcept {
  static const Update update = best_update();
  return ~update(~before, bytes.data(), bytes.size());
}

std::uint32_t crc32c_portable(std::span<const std::byte> bytes, std::uint32_t before) noexcept {
  return ~update_portable(~before, bytes.data(), bytes.size());
}

}  // namespace gateway
