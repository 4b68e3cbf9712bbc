#include "gateway/headers.h"

#include <cstdint>
#include <cstring>

namespace gateway {
namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// Eight characters at once: bit 7 of a byte of `upper` is set if that byte is one of A to Z.
std::uint64_t lower(std::uint64_t word) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const std::uint64_t low = word & (kOnes * 0x7f);
  const std::uint64_t from_a = low + kOnes * (0x80 - 'A'), past_z = low + kOnes * (0x7f - 'Z');
  const std::uint64_t upper = (from_a ^ past_z) & ~word & (kOnes * 0x80);
  return word | upper >> 2;
}

std::uint64_t eight_at(const char* at) noexcept {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

bool equal_eight(const char* a, const char* b) noexcept {
  const std::uint64_t x = eight_at(a), y = eight_at(b);
  return x == y || lower(x) == lower(y);
}

// Both have `size` characters.
inline bool equal_lowered(const char* a, const char* b, std::size_t size) noexcept {
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) {
      if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
    }
    return true;
  }
  for (std::size_t at = 0; at + 8 < size; at += 8) {
    if (!equal_eight(a + at, b + at)) return false;
  }
  return equal_eight(a + size - 8, b + size - 8);  // it may overlap the one before
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && equal_lowered(a.data(), b.data(), a.size());
}

const HeaderField* find_header(HeaderSpan fields, std::string_view name) noexcept {
  for (const HeaderField& field : fields) {
    if (field.name.size() == name.size() && equal_lowered(field.name.data(), name.data(), name.size())) return &field;
  }
  return nullptr;
}

std::string_view header_value(HeaderSpan fields, std::string_view name) noexcept {
  const HeaderField* const field = find_header(fields, name);
  return field ? field->value : std::string_view{};
}

void Headers::add(std::string_view name, std::string_view value) {
  places_.push_back({text_.size(), name.size(), value.size()});
  text_.append(name).append(value);
}

void Headers::clear() noexcept {
  text_.clear();
  places_.clear();
}

HeaderField Headers::operator[](std::size_t i) const noexcept {
  const Place& place = places_[i];
  const std::string_view text = text_;
  return {text.substr(place.begin, place.name_size), text.substr(place.begin + place.name_size, place.value_size)};
}

std::string_view Headers::value(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < size(); ++i) {
    if (equal_ignoring_case((*this)[i].name, name)) return (*this)[i].value;
  }
  return {};
}

bool Headers::has(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < size(); ++i) {
    if (equal_ignoring_case((*this)[i].name, name)) return true;
  }
  return false;
}

}  // namespace gateway
