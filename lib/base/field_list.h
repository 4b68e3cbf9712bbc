// Header fields of one message under construction: values are copied into a fixed arena, so that building a head
// allocates nothing. One thread; used again for the next message after clear(). What does not fit ends the process:
// whatever has a field's length in its hands bounds it before (see extra_fields.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/extra_fields.h"
#include "gateway/headers.h"
#include "gateway/result.h"

namespace gateway {

class FieldList {
 public:
  static constexpr std::size_t kMaxFields = 40;
  static constexpr std::size_t kArena = 4096;
  static_assert(kMaxExtraFields + 20 <= kMaxFields, "beside what is configured there is room for our own");

  void clear() noexcept { count_ = used_ = 0; }

  // Name and value stay the caller's and must outlive the list's use.
  void add_view(std::string_view name, std::string_view value) noexcept {
    if (count_ == kMaxFields) detail::die("more header fields than a message may have");
    fields_[count_++] = {name, value};
  }
  // The value is copied.
  void add(std::string_view name, std::string_view value) noexcept {
    if (value.size() > kArena - used_) detail::die("header fields are longer than a message's may be");
    char* place = arena_.data() + used_;
    if (!value.empty()) std::memcpy(place, value.data(), value.size());
    used_ += value.size();
    add_view(name, {place, value.size()});
  }
  void add(std::string_view name, std::int64_t value) noexcept;

  HeaderSpan span() const noexcept { return {fields_.data(), count_}; }

 private:
  std::array<HeaderField, kMaxFields> fields_;
  std::array<char, kArena> arena_;
  std::size_t count_ = 0;
  std::size_t used_ = 0;
};

}  // namespace gateway
