// What the simulated provider makes beside conversations: pictures, sound, and the bytes that carry them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gateway {

void append_base64(std::string& out, std::string_view bytes);
// A PNG of 32 x 32 pixels, in colours of the text.
std::string simulated_picture(std::string_view text);
// WAV: 16 bits, one channel, 8000 samples a second; a tone a character, each of 60 ms, at most 20 seconds.
std::string simulated_sound(std::string_view text);
std::int64_t simulated_sound_ms(std::size_t characters) noexcept;

}  // namespace gateway
