// How much output an answer carries: what is billed by if its provider does not report usage.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace gateway {

// Bytes of text after JSON unescaping, of all choices.
struct Weight {
  std::int64_t text = 0;  // content, refusals, transcripts, names and arguments of tools
  // By the field it came in: providers that send several of them say the same in each.
  std::array<std::int64_t, 4> reasoning{};
  std::int64_t media = 0;   // audio and images, as base64 or URLs
  std::int64_t pieces = 0;  // messages that carried something: each is a token at least

  // Media have far fewer tokens than bytes: a second of audio is 64 KiB of base64 and some 20 tokens.
  static constexpr std::int64_t kMediaPerByte = 32;
  std::int64_t bytes() const noexcept {
    return text + *std::max_element(reasoning.begin(), reasoning.end()) + media / kMediaPerByte;
  }
  bool any() const noexcept { return text + media + *std::max_element(reasoning.begin(), reasoning.end()) > 0; }
  Weight& operator+=(const Weight& other) noexcept {
    text += other.text;
    for (std::size_t i = 0; i < reasoning.size(); ++i) reasoning[i] += other.reasoning[i];
    media += other.media;
    pieces += other.pieces;
    return *this;
  }
  friend bool operator==(const Weight&, const Weight&) = default;
};

}  // namespace gateway
