#include "gateway/headers.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

const HeaderField* find_header(HeaderSpan fields, std::string_view name) noexcept {
  for (const HeaderField& field : fields) {
    if (equal_ignoring_case(field.name, name)) return &field;
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
