#include "base/crockford.h"

namespace gateway {
namespace {

__extension__ using Bits = unsigned __int128;

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::uint8_t kNoDigit = 255;

constexpr auto kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    const char c = kAlphabet[i];
    values[static_cast<std::uint8_t>(c)] = static_cast<std::uint8_t>(i);
    if (c >= 'A') values[static_cast<std::uint8_t>(c + ('a' - 'A'))] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

}  // namespace

void write_crockford(const std::array<std::uint8_t, 16>& bytes, std::span<char, kCrockfordDigits> out) noexcept {
  std::uint64_t high = 0, low = 0;
  for (std::size_t i = 0; i < 8; ++i) high = high << 8 | bytes[i], low = low << 8 | bytes[i + 8];
  // 26 digits of five bits: two, then twice twelve, which 64 bits have room for.
  const auto write = [&out](std::size_t begin, std::size_t count, std::uint64_t bits) {
    for (std::size_t i = begin + count; i-- > begin; bits >>= 5) out[i] = kAlphabet[bits & 31];
  };
  write(0, 2, high >> 56);
  write(2, 12, high << 4 | low >> 60);
  write(14, 12, low);
}

bool read_crockford(std::string_view digits, std::array<std::uint8_t, 16>& out) noexcept {
  // 26 digits are 130 bits: the first has only three of its own.
  if (digits.size() != kCrockfordDigits || kValues[static_cast<std::uint8_t>(digits.front())] > 7) return false;
  Bits bits = 0;
  for (const char c : digits) {
    const std::uint8_t value = kValues[static_cast<std::uint8_t>(c)];
    if (value == kNoDigit) return false;
    bits = bits << 5 | value;
  }
  for (std::size_t i = out.size(); i-- > 0; bits >>= 8) out[i] = static_cast<std::uint8_t>(bits & 255);
  return true;
}

}  // namespace gateway
