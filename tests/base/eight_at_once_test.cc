#include "base/eight_at_once.h"

#include <algorithm>
#include <string>

#include "support/catch.h"

using namespace gateway;

namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

bool has_no_control(std::string_view text) {
  return eight::none(text, [](std::uint64_t word) {
    return (eight::below(word, 0x20) & ~eight::equal(word, '\t')) | eight::equal(word, 0x7f);
  });
}

}  // namespace

TEST_CASE("of eight characters looked at together none is taken for its neighbour", "[base][eight]") {
  // A subtraction that borrows from the next byte would: a tab before a blank, before a backspace.
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string pair{static_cast<char>(first), static_cast<char>(second)};
      for (const unsigned before : {0U, 3U, 7U}) {
        const std::string text = std::string(before, 'x') + pair + std::string(7 - before, 'y');
        if (has_no_control(text) == std::ranges::any_of(text, is_control)) FAIL(first << " " << second);
      }
    }
  }
  SUCCEED();
}

TEST_CASE("a character is found wherever it is in a text of any length", "[base][eight]") {
  for (std::size_t size = 0; size < 40; ++size) {
    REQUIRE(has_no_control(std::string(size, '~')));
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, '~');
      text[at] = '\x7f';
      REQUIRE_FALSE(has_no_control(text));
      text[at] = '\t';
      REQUIRE(has_no_control(text));
      REQUIRE_FALSE(eight::none(text, [](std::uint64_t word) { return eight::equal(word, '\t'); }));
      text[at] = '\xe9';
      REQUIRE_FALSE(eight::none(text, eight::beyond_ascii));
    }
  }
}
