// A body with a few places replaced, as pieces of the original bytes and the replacements: nothing is copied.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "wire/openai/request_reader.h"

namespace gateway {

class Splice {
 public:
  static constexpr std::size_t kMaxEdits = 6;

  // The bytes of `range` become `text`, whose bytes outlive the Splice; an empty range inserts. Ranges do not overlap.
  void replace(ByteRange range, std::string_view text);
  // The pieces of `body` in order. Valid until the next call of anything here.
  std::span<const std::string_view> pieces(std::string_view body);
  void clear() noexcept { edits_ = 0; }

 private:
  struct Edit {
    ByteRange range;
    std::string_view text;
  };
  std::array<Edit, kMaxEdits> edit_;
  std::size_t edits_ = 0;
  std::array<std::string_view, 2 * kMaxEdits + 1> pieces_;
};

// A member of an object, with the comma after it or else that before it: what is left without it is an object.
ByteRange with_comma(std::string_view body, ByteRange member) noexcept;

}  // namespace gateway
