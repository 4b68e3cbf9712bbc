#include "operations/row_cursor.h"

#include <fmt/format.h>

#include <charconv>

namespace gateway::operations {
namespace {

bool read_number(std::string_view& text, std::uint16_t& number) {
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return failed == std::errc();
}

}  // namespace

std::string cursor_of(const Row& row) {
  return fmt::format("{}.{}.{}", row.request.text().view(), row.attempt, row.entry);
}

std::optional<RowName> read_cursor(std::string_view text) {
  RowName name;
  const std::size_t dot = text.find('.');
  if (dot == text.npos || !RequestId::parse(text.substr(0, dot), name.request)) return std::nullopt;
  text.remove_prefix(dot);
  if (!read_number(text, name.attempt) || !read_number(text, name.entry) || !text.empty()) return std::nullopt;
  return name;
}

}  // namespace gateway::operations
