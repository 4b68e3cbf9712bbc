// Reads text from left to right, piece by piece. After a piece that does not fit nothing fits any more.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace gateway {

class TextCursor {
 public:
  constexpr explicit TextCursor(std::string_view text) noexcept : rest_(text) {}

  // Whether the next character is one of these, which is then behind us.
  constexpr bool take(std::string_view any_of, char* taken = nullptr) noexcept {
    if (!good_ || rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    if (taken != nullptr) *taken = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  constexpr void expect(std::string_view any_of, char* taken = nullptr) noexcept {
    if (!take(any_of, taken)) fail();
  }
  constexpr void literal(std::string_view expected) noexcept {
    if (!rest_.starts_with(expected)) return fail();
    skip(expected.size());
  }

  // All digits that follow, perhaps none.
  constexpr std::string_view digits() noexcept {
    const std::string_view found = rest_.substr(0, std::min(rest_.find_first_not_of("0123456789"), rest_.size()));
    skip(found.size());
    return found;
  }
  // A number of at least so many digits; those after `most` are left. At most nine fit.
  constexpr int number(std::size_t least, std::size_t most) noexcept {
    int value = 0;
    std::size_t count = 0;
    for (char digit = '0'; count < most && take("0123456789", &digit); ++count) value = value * 10 + (digit - '0');
    if (count < least) fail();
    return value;
  }
  constexpr int number(std::size_t exactly) noexcept { return number(exactly, exactly); }

  constexpr std::string_view rest() const noexcept { return rest_; }
  constexpr void skip(std::size_t size) noexcept { rest_.remove_prefix(good_ ? size : 0); }
  constexpr void fail() noexcept { good_ = false; }
  constexpr bool good() const noexcept { return good_; }
  constexpr bool done() const noexcept { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace gateway
