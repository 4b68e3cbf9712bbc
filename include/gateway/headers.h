// HTTP header fields, borrowed and owned.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway {

/// Borrowed. Names compare without regard to ASCII case (RFC 9110, 5.1).
struct HeaderField {
  std::string_view name;
  std::string_view value;
};
using HeaderSpan = std::span<const HeaderField>;

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// The first field of that name, or nullptr.
const HeaderField* find_header(HeaderSpan fields, std::string_view name) noexcept;
/// Its value, or an empty view.
std::string_view header_value(HeaderSpan fields, std::string_view name) noexcept;

/// Owned: keeps names and values in one block of text, so that clear() and reuse allocate nothing.
class Headers {
 public:
  void add(std::string_view name, std::string_view value);
  void clear() noexcept;
  std::size_t size() const noexcept { return places_.size(); }
  /// Valid until the next change.
  HeaderField operator[](std::size_t i) const noexcept;
  std::string_view value(std::string_view name) const noexcept;
  bool has(std::string_view name) const noexcept;

 private:
  struct Place {
    std::size_t begin, name_size, value_size;
  };
  std::string text_;
  std::vector<Place> places_;
};

}  // namespace gateway
