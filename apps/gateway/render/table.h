// Lists of things, printed for people or for programs.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/money.h"
#include "gateway/result.h"
#include "gateway/time.h"

namespace gateway::app {

enum class Format : std::uint8_t { table, json, jsonl, csv, markdown };

// How a cell of a table is emphasised, if the terminal shows colours.
enum class Tone : std::uint8_t { plain, good, warning, bad, muted, accent };
// The text in the tone's colour; unchanged without `colour`.
std::string toned(std::string_view text, Tone tone, bool colour);

// One value: as people and CSV read it, and as JSON.
struct Cell {
  std::string text;
  std::string json;
  Tone tone = Tone::plain;
};
Cell cell(std::string_view text);
inline Cell cell(const char* text) { return cell(std::string_view(text)); }  // else it would be a bool
Cell cell(std::int64_t number);
Cell cell(bool value);
Cell cell(const MoneySum& money);
Cell cell(WallTime time);  // zero: empty, null
Cell cell(const std::vector<std::string>& texts);
template <class T>
Cell cell(const std::optional<T>& value) {
  return value ? cell(*value) : Cell{"", "null"};
}

// For a terminal, which obeys control characters: each is a '?', those beyond ASCII (U+0080 to U+009F) too.
std::string printable(std::string_view text);
// Columns of the screen that it takes, if each character takes one.
std::size_t screen_width(std::string_view text);

struct Column {
  std::string name;       // snake_case
  bool number = false;    // to the right in tables
  bool in_table = true;   // false: only for programs
  bool rare = false;      // not in tables, in CSV behind all others, in JSON only if its text is not empty
  bool optional = false;  // only if it is selected
  bool filled = false;    // in tables too, whatever the others say, if one of the rows has a text there
};

// Prints rows as they come, but for tables, which wait until flush() to know their widths.
class Listing {
 public:
  Listing(std::ostream& out, Format format, std::vector<Column> columns, bool colour = false);
  // Shows these columns alone, in this order, in every format. Before the first add(). Errors: invalid, with the
  // nearest name.
  Result<void> select(const std::vector<std::string>& names);
  // The columns that are shown, in their order.
  std::vector<std::string> shown() const;
  // As many cells as columns.
  void add(std::vector<Cell> row);
  // The same, but in JSON it is `object`.
  void add(std::vector<Cell> row, const std::string& object);
  void flush();
  // After the last row. `total` is shown below a table, and nowhere else.
  void end(const std::vector<Cell>* total = nullptr);
  std::size_t rows() const { return rows_; }

 private:
  void choose();
  void choose_filled();
  void widen(const std::vector<Cell>& row);
  void write_csv_header();
  void write_header();
  void write_line(const std::vector<Cell>& row);
  std::string object_of(const std::vector<Cell>& row) const;

  std::ostream& out_;
  Format format_;
  std::vector<Column> columns_;
  std::vector<std::size_t> shown_;  // positions in columns_, in the order they are printed
  bool is_selected_ = false;
  bool colour_;
  std::vector<std::vector<Cell>> kept_;  // a table's rows that are not written yet
  std::vector<std::size_t> widths_;
  bool has_header_ = false;
  std::size_t rows_ = 0;
};

}  // namespace gateway::app
