// How long the sound in a file is, as far as its bytes show it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gateway {

// Milliseconds, at least one.
struct AudioLength {
  std::int64_t bound = 1;     // the most that it can be
  std::int64_t estimate = 1;  // what it probably is
};

// Measures a file as it comes. WAV without compression is measured. Of all else the size says something: at most two
// seconds a kilobyte, which is 4 kbit/s, less than codecs of speech need; probably an eighth of a second, which is 64
// kbit/s.
class AudioGauge {
 public:
  void read_on(std::string_view bytes);
  std::uint64_t read() const noexcept { return read_; }
  // Of the file, if that is what was read and no more than `left` bytes after it.
  AudioLength length(std::uint64_t left = 0) const noexcept;

 private:
  enum class State : std::uint8_t { riff, chunk, format, skipped, sound, other };

  bool gather(std::string_view& bytes, std::size_t size);
  void read_chunk();

  State state_ = State::riff;
  std::array<char, 26> gathered_{};  // what is being read of a head, or of the format
  std::size_t size_ = 0;             // of it
  std::uint64_t read_ = 0;           // of the file
  std::uint64_t said_ = 0;           // the size of the chunk that began last, as it says
  std::uint64_t skipped_ = 0;        // of it, what is still to come
  std::uint64_t each_ = 0;           // bytes of a second; 0: no format has come
  std::uint64_t sound_at_ = 0;       // in the file
};

AudioLength audio_length(std::string_view file) noexcept;

}  // namespace gateway
