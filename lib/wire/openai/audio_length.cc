#include "wire/openai/audio_length.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::int64_t kMostMsOfByte = 2, kUsualBytesOfMs = 8;
constexpr std::uint64_t kPcm = 1, kFloat = 3, kExtensible = 0xfffe;
constexpr std::size_t kRiffHead = 12, kChunkHead = 8, kLeastFormat = 16;
constexpr std::size_t kSubFormat = 24;  // of an extensible format: the kind that it is

// Little-endian; the bytes are there.
std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = size; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

// 0: compressed, or none.
std::uint64_t bytes_of_second(std::string_view format) noexcept {
  if (format.size() < kLeastFormat) return 0;
  const std::uint64_t named = number_at(format, 0, 2), channels = number_at(format, 2, 2);
  const bool is_extended = named == kExtensible && format.size() >= kSubFormat + 2;
  const std::uint64_t kind = is_extended ? number_at(format, kSubFormat, 2) : named;
  const std::uint64_t rate = number_at(format, 4, 4), bits = number_at(format, 14, 2);
  return kind == kPcm || kind == kFloat ? channels * rate * ((bits + 7) / 8) : 0;
}

}  // namespace

// Whether `size` bytes are gathered.
bool AudioGauge::gather(std::string_view& bytes, std::size_t size) {
  const std::size_t more = std::min(size - size_, bytes.size());
  bytes.copy(gathered_.data() + size_, more);
  bytes.remove_prefix(more);
  size_ += more;
  read_ += more;
  return size_ == size;
}

void AudioGauge::read_on(std::string_view bytes) {
  while (!bytes.empty()) {
    switch (state_) {
      case State::riff: {
        if (!gather(bytes, kRiffHead)) return;
        const std::string_view head(gathered_.data(), kRiffHead);
        state_ = head.substr(0, 4) == "RIFF" && head.substr(8, 4) == "WAVE" ? State::chunk : State::other;
        size_ = 0;
        break;
      }
      case State::chunk:
        if (!gather(bytes, kChunkHead)) return;
        read_chunk();
        break;
      case State::format: {
        const std::size_t size = std::min<std::size_t>(gathered_.size(), static_cast<std::size_t>(said_));
        if (!gather(bytes, size)) return;
        each_ = bytes_of_second({gathered_.data(), size});
        size_ = 0;
        skipped_ -= size;
        state_ = each_ > 0 ? State::skipped : State::other;
        break;
      }
      case State::skipped: {
        const std::size_t more = static_cast<std::size_t>(std::min<std::uint64_t>(skipped_, bytes.size()));
        bytes.remove_prefix(more);
        read_ += more;
        skipped_ -= more;
        if (skipped_ == 0) state_ = State::chunk;
        break;
      }
      case State::sound:
      case State::other:
        read_ += bytes.size();
        return;
    }
  }
}

void AudioGauge::read_chunk() {
  const std::string_view head(gathered_.data(), kChunkHead);
  said_ = number_at(head, 4, 4);
  skipped_ = said_ + (said_ & 1);
  size_ = 0;
  if (head.substr(0, 4) == "data") {
    sound_at_ = read_;
    state_ = each_ > 0 ? State::sound : State::other;
  } else if (head.substr(0, 4) == "fmt ") {
    // Decoders differ in which of two counts.
    state_ = each_ == 0 && said_ >= kLeastFormat ? State::format : State::other;
  } else {
    state_ = State::skipped;
  }
}

AudioLength AudioGauge::length(std::uint64_t left) const noexcept {
  const std::uint64_t size = read_ + left;
  const auto at_least_one = [](std::uint64_t ms) { return std::max<std::int64_t>(1, static_cast<std::int64_t>(ms)); };
  if (state_ == State::sound) {
    const auto ms = [&](std::uint64_t bytes) { return at_least_one((bytes * 1000 + each_ - 1) / each_); };
    const std::uint64_t there = size - sound_at_;
    return {ms(there), ms(std::min(said_, there))};  // decoders read on where the size said is too small
  }
  return {at_least_one(size * kMostMsOfByte), at_least_one(size / kUsualBytesOfMs)};
}

AudioLength audio_length(std::string_view file) noexcept {
  AudioGauge gauge;
  gauge.read_on(file);
  return gauge.length();
}

}  // namespace gateway
