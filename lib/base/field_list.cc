#include "base/field_list.h"

#include <fmt/format.h>

namespace gateway {

void FieldList::add(std::string_view name, std::int64_t value) noexcept {
  const fmt::format_int digits(value);
  add(name, std::string_view(digits.data(), digits.size()));
}

}  // namespace gateway
