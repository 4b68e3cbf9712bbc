#include "wire/openai/audio_length.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace gateway {
namespace {

constexpr std::int64_t kMostMsOfByte = 2, kUsualBytesOfMs = 8;
constexpr std::uint64_t kPcm = 1, kFloat = 3, kExtensible = 0xfffe;
constexpr std::size_t kSubFormat = 24;  // of an extensible format: the kind that it is

// Little-endian; the bytes are there.
std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = size; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

// Bytes of a millisecond times 1000; nullopt: compressed, or none.
std::optional<std::uint64_t> bytes_of_second(std::string_view format) noexcept {
  if (format.size() < 16) return std::nullopt;
  const std::uint64_t named = number_at(format, 0, 2), channels = number_at(format, 2, 2);
  const bool is_extended = named == kExtensible && format.size() >= kSubFormat + 2;
  const std::uint64_t kind = is_extended ? number_at(format, kSubFormat, 2) : named;
  const std::uint64_t rate = number_at(format, 4, 4), bits = number_at(format, 14, 2);
  const std::uint64_t bytes = channels * rate * ((bits + 7) / 8);
  const bool is_plain = kind == kPcm || kind == kFloat;
  return is_plain && bytes > 0 ? std::optional(bytes) : std::nullopt;
}

std::optional<AudioLength> wav_length(std::string_view file) noexcept {
  if (file.size() < 12 || file.substr(0, 4) != "RIFF" || file.substr(8, 4) != "WAVE") return std::nullopt;
  std::optional<std::uint64_t> each;
  for (std::size_t at = 12; at + 8 <= file.size();) {
    const std::string_view name = file.substr(at, 4);
    const std::uint64_t said = number_at(file, at + 4, 4);
    const std::uint64_t there = std::min<std::uint64_t>(said, file.size() - at - 8);
    if (name == "fmt " && each) return std::nullopt;  // decoders differ in which of two counts
    if (name == "fmt ") each = bytes_of_second(file.substr(at + 8, static_cast<std::size_t>(there)));
    if (name == "data") {
      if (!each) return std::nullopt;
      const auto ms = [each](std::uint64_t bytes) {
        return std::max<std::int64_t>(1, static_cast<std::int64_t>((bytes * 1000 + *each - 1) / *each));
      };
      return AudioLength{ms(file.size() - at - 8), ms(there)};  // decoders read on where the size said is too small
    }
    at += 8 + static_cast<std::size_t>(there + (there & 1));
  }
  return std::nullopt;
}

}  // namespace

AudioLength audio_length(std::string_view file) noexcept {
  if (const auto measured = wav_length(file)) return *measured;
  const auto size = static_cast<std::int64_t>(file.size());
  return {std::max<std::int64_t>(1, size * kMostMsOfByte), std::max<std::int64_t>(1, size / kUsualBytesOfMs)};
}

}  // namespace gateway
