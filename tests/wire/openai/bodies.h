// Bodies for the readers' tests.
#pragma once

#include <string>
#include <string_view>

#include "base/buffer.h"

namespace gateway::test {

inline PaddedBuffer padded(std::string_view text) {
  PaddedBuffer buffer;
  buffer.append(text);
  return buffer;
}

// Text after which brackets lie in the padding, as if the document went on.
inline PaddedBuffer padded_with(std::string_view text, char padding) {
  PaddedBuffer buffer;
  buffer.append(std::string(text) + std::string(PaddedBuffer::kPadding, padding));
  PaddedBuffer shorter;
  shorter.reserve(buffer.size());
  const auto room = shorter.room(buffer.size());
  buffer.view().copy(room.data(), buffer.size());
  shorter.grow(text.size());
  return shorter;
}

}  // namespace gateway::test
