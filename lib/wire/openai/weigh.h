// How much output an answer carries: what is billed by where its provider does not report usage. Documents and events
// of a stream are weighed alike, so that an answer weighs the same in one piece and in many.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

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

// Weighs the object that begins at `at`, a choice's `message` or `delta`, and returns what follows it. Allocates
// nothing. Takes any bytes: of what is no JSON something is weighed, never more than there is.
const char* weigh_message(const char* at, const char* end, Weight& weight) noexcept;

// What a value is part of, which decides what its members are.
enum class Within : std::uint8_t {
  message,
  parts,    // of content; images; audio
  tools,    // calls of tools and functions
  details,  // of reasoning
  opaque,   // an object where a text is usual: weighed as it stands
};
struct WeighedMember {
  Within within;
  std::int64_t* tally;  // of `weight`: what a string adds to; null: it is no output
};
WeighedMember weighed_member(Within within, std::string_view key, Weight& weight) noexcept;

}  // namespace gateway
