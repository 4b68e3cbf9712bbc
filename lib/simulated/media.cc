#include "simulated/media.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>

namespace gateway {
namespace {

constexpr std::uint32_t kSide = 32;
constexpr std::int64_t kToneMs = 60, kMostMs = 20'000;
constexpr std::uint32_t kSamplesPerSecond = 8000, kBytesPerSample = 2;

std::uint32_t seed_of(std::string_view text) noexcept {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

void append_big(std::string& out, std::uint32_t n) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift & 0xff);
}

void append_little(std::string& out, std::uint32_t n, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(n >> (8 * i) & 0xff);
}

// CRC-32 as PNG has it (ISO 3309).
std::uint32_t crc32(std::string_view bytes) noexcept {
  std::uint32_t crc = ~0u;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
  }
  return ~crc;
}

std::uint32_t adler32(std::string_view bytes) noexcept {
  std::uint32_t a = 1, b = 0;
  for (const char c : bytes) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

void append_chunk(std::string& png, std::string_view type, std::string_view data) {
  append_big(png, static_cast<std::uint32_t>(data.size()));
  std::string chunk(type);
  chunk += data;
  png += chunk;
  append_big(png, crc32(chunk));
}

// A zlib stream of one block that is not compressed (RFC 1950, RFC 1951).
std::string zlib_stored(std::string_view bytes) {
  std::string out = "\x78\x01\x01";
  const auto size = static_cast<std::uint32_t>(bytes.size());
  append_little(out, size, 2);
  append_little(out, ~size, 2);
  out += bytes;
  append_big(out, adler32(bytes));
  return out;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) word = word << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? kDigits[word >> (18 - 6 * k) & 63] : '=';
  }
}

std::string simulated_picture(std::string_view text) {
  const std::uint32_t colours = seed_of(text);
  std::string rows;
  for (std::uint32_t y = 0; y < kSide; ++y) {
    rows += '\0';  // no filter
    for (std::uint32_t x = 0; x < kSide; ++x) {
      for (const std::uint32_t shift : {0u, 8u, 16u}) rows += static_cast<char>((colours >> shift) + x * 4 + y * 3);
    }
  }
  std::string header;
  append_big(header, kSide);
  append_big(header, kSide);
  header += std::string_view("\x08\x02\x00\x00\x00", 5);  // 8 bits each of red, green, blue
  std::string png = "\x89PNG\r\n\x1a\n";
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", zlib_stored(rows));
  append_chunk(png, "IEND", {});
  return png;
}

std::int64_t simulated_sound_ms(std::size_t characters) noexcept {
  return std::min(kMostMs, kToneMs * static_cast<std::int64_t>(characters));
}

std::string simulated_sound(std::string_view text) {
  constexpr std::uint32_t kSamplesOfTone = kSamplesPerSecond * kToneMs / 1000;
  const auto samples = static_cast<std::uint32_t>(simulated_sound_ms(text.size())) * (kSamplesPerSecond / 1000);
  std::string wav = "RIFF";
  append_little(wav, 36 + samples * kBytesPerSample, 4);
  wav += "WAVEfmt ";
  append_little(wav, 16, 4);
  append_little(wav, 1, 2);  // PCM
  append_little(wav, 1, 2);  // channels
  append_little(wav, kSamplesPerSecond, 4);
  append_little(wav, kSamplesPerSecond * kBytesPerSample, 4);
  append_little(wav, kBytesPerSample, 2);
  append_little(wav, 8 * kBytesPerSample, 2);
  wav += "data";
  append_little(wav, samples * kBytesPerSample, 4);
  for (std::uint32_t i = 0; i < samples; ++i) {
    const auto pitch = 200.0 + 4.0 * static_cast<unsigned char>(text[i / kSamplesOfTone]);
    const double wave = std::sin(2 * 3.14159265358979 * pitch * i / kSamplesPerSecond);
    append_little(wav, static_cast<std::uint32_t>(static_cast<std::int32_t>(8000 * wave)), kBytesPerSample);
  }
  return wav;
}

}  // namespace gateway
