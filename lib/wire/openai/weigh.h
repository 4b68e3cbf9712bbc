// Weighs answers in OpenAI's shapes. Documents and events of a stream are weighed alike, so that an answer weighs the
// same in one piece and in many.
#pragma once

#include <cstdint>
#include <string_view>

#include "chat/weight.h"

namespace gateway {

// Weighs the object that begins at `at`, a choice's `message` or `delta`, and returns what follows it. Allocates
// nothing. Takes any bytes: of what is no JSON something is weighed, never more than there is.
const char* weigh_message(const char* at, const char* end, Weight& weight) noexcept;

// What is nested more deeply than this in a message is not weighed.
inline constexpr int kMostWeighed = 64;

// What a value is part of, which decides what its members are.
enum class Within : std::uint8_t {
  message,
  parts,    // of content; images; audio
  tools,    // calls of tools and functions
  details,  // of reasoning
  opaque,   // an object where a text is usual: weighed as it is
};
struct WeighedMember {
  Within within;
  std::int64_t* tally;  // of `weight`: what a string adds to; null: it is no output
};
WeighedMember weighed_member(Within within, std::string_view key, Weight& weight) noexcept;

}  // namespace gateway
