// How long the sound in a file is, as far as its bytes show it.
#pragma once

#include <cstdint>
#include <string_view>

namespace gateway {

// Milliseconds, at least one.
struct AudioLength {
  std::int64_t bound = 1;     // the most that it can be
  std::int64_t estimate = 1;  // what it probably is
};
// WAV without compression is measured. Of all else the size says something: at most two seconds a kilobyte, which is
// 4 kbit/s, less than codecs of speech need; probably an eighth of a second, which is 64 kbit/s.
AudioLength audio_length(std::string_view file) noexcept;

}  // namespace gateway
