#include "app/render/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <ostream>

#include "app/render/json.h"
#include "base/nearest.h"
#include "base/time_text.h"

namespace gateway::app {
namespace {

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

// A cell of a Markdown table, which a vertical bar or a line's end would break.
std::string markdown_field(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

constexpr std::array<std::string_view, 6> kTones{"", "32", "33", "31", "2", "36"};

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

std::size_t screen_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string toned(std::string_view text, Tone tone, bool colour) {
  if (!colour || tone == Tone::plain || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", kTones[static_cast<std::size_t>(tone)], text);
}

Listing::Listing(std::ostream& out, Format format, std::vector<Column> columns, bool colour)
    : out_(out), format_(format), columns_(std::move(columns)), colour_(colour) {
  for (const Column& column : columns_) widths_.push_back(column.name.size());
  choose();
}

void Listing::choose() {
  const bool for_people = format_ == Format::table || format_ == Format::markdown;
  const bool as_json = format_ == Format::json || format_ == Format::jsonl;
  std::vector<std::size_t> rare;  // of CSV, behind all others
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    if (column.optional || (for_people && (!column.in_table || column.rare))) continue;
    (column.rare && !as_json ? rare : shown_).push_back(i);
  }
  shown_.insert(shown_.end(), rare.begin(), rare.end());
}

// Before the header is written: in the place where the column is.
void Listing::choose_filled() {
  if (is_selected_ || has_header_) return;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto has_text = [i](const std::vector<Cell>& row) { return !row[i].text.empty(); };
    if (!columns_[i].filled || std::none_of(kept_.begin(), kept_.end(), has_text)) continue;
    const auto place = std::lower_bound(shown_.begin(), shown_.end(), i);
    if (place == shown_.end() || *place != i) shown_.insert(place, i);
  }
}

Result<void> Listing::select(const std::vector<std::string>& names) {
  std::vector<std::size_t> chosen;
  for (const std::string& name : names) {
    const auto found =
        std::find_if(columns_.begin(), columns_.end(), [&name](const Column& column) { return column.name == name; });
    if (found == columns_.end()) {
      std::vector<std::string_view> known;
      for (const Column& column : columns_) known.push_back(column.name);
      const std::string_view near = nearest(name, known);
      return Error{ErrorCode::invalid,
                   fmt::format("--columns: expected some of {}, found '{}'{}", fmt::join(known, ", "), name,
                               near.empty() ? "" : fmt::format("; did you mean '{}'?", near))};
    }
    chosen.push_back(static_cast<std::size_t>(found - columns_.begin()));
  }
  if (chosen.empty()) return Error{ErrorCode::invalid, "--columns: expected at least one column's name"};
  shown_ = std::move(chosen);
  is_selected_ = true;
  return {};
}

std::vector<std::string> Listing::shown() const {
  std::vector<std::string> names;
  for (const std::size_t i : shown_) names.push_back(columns_[i].name);
  return names;
}

std::string Listing::object_of(const std::vector<Cell>& row) const {
  json::Object object;
  for (const std::size_t i : shown_) {
    if (is_selected_ || !columns_[i].rare || !row[i].text.empty()) object.add(columns_[i].name, row[i].json);
  }
  return object.str();
}

void Listing::write_csv_header() {
  if (has_header_) return;
  has_header_ = true;
  std::vector<std::string> names;
  for (const std::size_t i : shown_) names.push_back(columns_[i].name);
  out_ << fmt::format("{}\n", fmt::join(names, ","));
}

void Listing::add(std::vector<Cell> row) {
  const bool as_json = format_ == Format::json || format_ == Format::jsonl;
  const std::string object = as_json ? object_of(row) : std::string();
  add(std::move(row), object);
}

void Listing::add(std::vector<Cell> row, const std::string& object) {
  switch (format_) {
    case Format::table:
    case Format::markdown:
      kept_.push_back(std::move(row));
      break;
    case Format::json:
      out_ << (rows_ == 0 ? "[\n " : ",\n ") << (is_selected_ ? object_of(row) : object);
      break;
    case Format::jsonl:
      out_ << (is_selected_ ? object_of(row) : object) << '\n';
      break;
    case Format::csv: {
      write_csv_header();
      std::vector<std::string> fields;
      for (const std::size_t i : shown_) fields.push_back(csv_field(row[i].text));
      out_ << fmt::format("{}\n", fmt::join(fields, ","));
      break;
    }
  }
  ++rows_;
}

void Listing::widen(const std::vector<Cell>& row) {
  for (std::size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], screen_width(row[i].text));
}

void Listing::write_header() {
  if (has_header_) return;
  has_header_ = true;
  std::vector<Cell> names;
  for (const Column& column : columns_) names.push_back({column.name, {}});
  write_line(names);
  if (format_ != Format::markdown) return;
  out_ << '|';
  for (const std::size_t i : shown_) out_ << (columns_[i].number ? "---:|" : "---|");
  out_ << '\n';
}

void Listing::write_line(const std::vector<Cell>& row) {
  std::string line;
  if (format_ == Format::markdown) {
    for (const std::size_t i : shown_) line += "| " + markdown_field(row[i].text) + ' ';
    out_ << line << "|\n";
    return;
  }
  std::string gap;  // written only if something follows: no line ends in spaces
  for (std::size_t at = 0; at < shown_.size(); ++at) {
    const std::size_t i = shown_[at];
    const std::string text = printable(row[i].text);
    const std::string padding(widths_[i] - std::min(widths_[i], screen_width(text)), ' ');
    if (at > 0) gap += "  ";
    if (columns_[i].number) gap += padding;
    if (!text.empty()) {
      line += gap + toned(text, row[i].tone, colour_);
      gap.clear();
    }
    if (!columns_[i].number) gap += padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out_ << line << '\n';
}

void Listing::flush() {
  if (format_ == Format::table || format_ == Format::markdown) {
    choose_filled();
    for (const std::vector<Cell>& row : kept_) widen(row);
    write_header();
    for (const std::vector<Cell>& row : kept_) write_line(row);
    kept_.clear();
  }
  if (format_ == Format::csv) write_csv_header();
  out_.flush();
}

void Listing::end(const std::vector<Cell>* total) {
  if (format_ == Format::json) out_ << (rows_ == 0 ? "[]\n" : "\n]\n");
  const bool with_total = total != nullptr && (format_ == Format::table || format_ == Format::markdown);
  if (with_total) widen(*total);
  flush();
  if (with_total) write_line(*total);
}

}  // namespace gateway::app
