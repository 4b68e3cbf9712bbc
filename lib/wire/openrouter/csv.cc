#include "wire/openrouter/csv.h"

#include <algorithm>

namespace gateway {
namespace {

bool ends_record(char c) noexcept { return c == '\n' || c == '\r'; }

// Takes one field, up to the comma or line end after it.
std::string take_field(std::string_view& text) {
  std::string field;
  if (!text.empty() && text.front() == '"') {
    text.remove_prefix(1);
    while (!text.empty()) {
      const std::size_t quote = std::min(text.find('"'), text.size());
      field.append(text.substr(0, quote));
      text.remove_prefix(std::min(quote + 1, text.size()));
      if (text.empty() || text.front() != '"') break;
      field += '"';
      text.remove_prefix(1);
    }
  }
  const auto end = std::find_if(text.begin(), text.end(), [](char c) { return c == ',' || ends_record(c); });
  const auto size = static_cast<std::size_t>(end - text.begin());
  field.append(text.substr(0, size));
  text.remove_prefix(size);
  return field;
}

}  // namespace

bool next_csv_record(std::string_view& text, std::vector<std::string>& fields) {
  fields.clear();
  while (!text.empty() && ends_record(text.front())) text.remove_prefix(1);
  if (text.empty()) return false;
  fields.push_back(take_field(text));
  while (!text.empty() && text.front() == ',') {
    text.remove_prefix(1);
    fields.push_back(take_field(text));
  }
  return true;
}

}  // namespace gateway
