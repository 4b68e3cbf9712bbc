#include "app/cli/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <ostream>

#include "app/cli/json_out.h"
#include "base/time_text.h"

namespace gateway::app {
namespace {

// Columns on the screen, if each character takes one.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool is_number(std::string_view text) {
  text.remove_prefix(text.starts_with('-') ? 1 : 0);
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// RFC 4180. A spreadsheet takes a text that begins like a formula for one: an apostrophe before it makes it a text.
std::string csv_field(std::string_view text) {
  const bool formula = !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  const std::string_view guard = formula && !is_number(text) ? "'" : "";
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(guard) + std::string(text);
  std::string quoted = "\"" + std::string(guard);
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string json_object(const std::vector<Column>& columns, const std::vector<Cell>& row) {
  json::Object object;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].rare || !row[i].text.empty()) object.add(columns[i].name, row[i].json);
  }
  return object.str();
}

}  // namespace

std::string printable(std::string_view text) {
  const bool utf8 = simdjson::validate_utf8(text.data(), text.size());
  std::string safe;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool beyond = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    const bool control = byte < 0x20 || byte == 0x7f || beyond || (byte >= 0x80 && !utf8);
    safe += control ? '?' : text[i];
    if (utf8 && beyond) ++i;
  }
  return safe;
}

Cell cell(std::string_view text) { return {std::string(text), json::text(text)}; }
Cell cell(std::int64_t number) { return {std::to_string(number), json::number(number)}; }
Cell cell(bool value) { return {value ? "yes" : "no", json::boolean(value)}; }
Cell cell(const MoneySum& money) { return {money.to_string(), json::money(money)}; }

Cell cell(WallTime time) {
  if (time == WallTime{}) return {"", json::null()};
  return {rfc3339(time), json::time(time)};
}

Cell cell(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(json::text(text));
  return {fmt::format("{}", fmt::join(texts, ",")), json::list(quoted)};
}

Listing::Listing(std::ostream& out, Format format, std::vector<Column> columns)
    : out_(out), format_(format), columns_(std::move(columns)) {
  for (const Column& column : columns_) widths_.push_back(column.name.size());
  if (format_ != Format::csv) return;
  std::vector<std::string> names;
  for (const Column& column : columns_) {
    if (!column.rare) names.push_back(column.name);
  }
  out_ << fmt::format("{}\n", fmt::join(names, ","));
}

void Listing::add(std::vector<Cell> row) {
  const bool as_json = format_ == Format::json || format_ == Format::jsonl;
  const std::string object = as_json ? json_object(columns_, row) : std::string();
  add(std::move(row), object);
}

void Listing::add(std::vector<Cell> row, const std::string& object) {
  switch (format_) {
    case Format::table:
      kept_.push_back(std::move(row));
      break;
    case Format::json:
      out_ << (rows_ == 0 ? "[\n " : ",\n ") << object;
      break;
    case Format::jsonl:
      out_ << object << '\n';
      break;
    case Format::csv: {
      std::vector<std::string> fields;
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (!columns_[i].rare) fields.push_back(csv_field(row[i].text));
      }
      out_ << fmt::format("{}\n", fmt::join(fields, ","));
      break;
    }
  }
  ++rows_;
}

void Listing::widen(const std::vector<Cell>& row) {
  for (std::size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], width_of(row[i].text));
}

template <class TextOf>
void Listing::write_line(TextOf text_of) {
  std::string line;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i].in_table || columns_[i].rare) continue;
    const std::string text = printable(text_of(i));
    const std::string padding(widths_[i] - std::min(widths_[i], width_of(text)), ' ');
    if (i > 0) line += "  ";
    line += columns_[i].number ? padding + text : text + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out_ << line << '\n';
}

void Listing::flush() {
  if (format_ == Format::table) {
    for (const std::vector<Cell>& row : kept_) widen(row);
    if (!has_header_) write_line([&](std::size_t i) { return columns_[i].name; });
    has_header_ = true;
    for (const std::vector<Cell>& row : kept_) write_line([&row](std::size_t i) { return row[i].text; });
    kept_.clear();
  }
  out_.flush();
}

void Listing::end(const std::vector<Cell>* total) {
  if (format_ == Format::json) out_ << (rows_ == 0 ? "[]\n" : "\n]\n");
  const bool with_total = total != nullptr && format_ == Format::table;
  if (with_total) widen(*total);
  flush();
  if (with_total) write_line([total](std::size_t i) { return (*total)[i].text; });
}

}  // namespace gateway::app
