#include "wire/openrouter/activity.h"

#include <array>
#include <optional>
#include <utility>

#include "base/time_text.h"
#include "wire/json/walk.h"
#include "wire/openrouter/csv.h"

namespace gateway {
namespace {

using json::Kind;
using json::Text;
using json::Value;

constexpr std::string_view kBom = "\xef\xbb\xbf";

enum class Column : std::uint8_t {
  date,
  model,
  permaslug,
  endpoint,
  provider,
  usage,
  byok_usage,
  requests,
  prompt_tokens,
  completion_tokens,
  reasoning_tokens,
  none,
};

Column column_of(std::string_view name) noexcept {
  static constexpr std::array<std::pair<std::string_view, Column>, 24> kNames{{
      {"date", Column::date},
      {"day", Column::date},
      {"created_at", Column::date},
      {"model", Column::model},
      {"model_slug", Column::model},
      {"model_permaslug", Column::permaslug},
      {"endpoint_id", Column::endpoint},
      {"provider_name", Column::provider},
      {"provider", Column::provider},
      {"usage", Column::usage},
      {"cost", Column::usage},
      {"cost_total", Column::usage},
      {"total_cost", Column::usage},
      {"spend", Column::usage},
      {"byok_usage_inference", Column::byok_usage},
      {"requests", Column::requests},
      {"num_requests", Column::requests},
      {"prompt_tokens", Column::prompt_tokens},
      {"tokens_prompt", Column::prompt_tokens},
      {"completion_tokens", Column::completion_tokens},
      {"tokens_completion", Column::completion_tokens},
      {"reasoning_tokens", Column::reasoning_tokens},
      {"tokens_reasoning", Column::reasoning_tokens},
      {"native_tokens_reasoning", Column::reasoning_tokens},
  }};
  for (const auto& [known, column] : kNames) {
    if (known == name) return column;
  }
  return Column::none;
}

std::string_view without_space(std::string_view text) noexcept {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

// A row being put together, from text whatever it came as.
class RowBuilder {
 public:
  // False: the text is none of that column's.
  bool set(Column column, std::string_view text) {
    text = without_space(text);
    switch (column) {
      case Column::date:
        return date(text);
      case Column::model:
        return row_.model = text, true;
      case Column::permaslug:
        return row_.permaslug = text, true;
      case Column::endpoint:
        return row_.endpoint = text, true;
      case Column::provider:
        return row_.provider = text, true;
      case Column::usage:
        has_usage_ = !text.empty();
        return money(text, row_.usage);
      case Column::byok_usage:
        return money(text, row_.byok_usage);
      case Column::requests:
        has_requests_ = true;
        return count(text, row_.requests);
      case Column::prompt_tokens:
        return count(text, row_.prompt_tokens);
      case Column::completion_tokens:
        return count(text, row_.completion_tokens);
      case Column::reasoning_tokens:
        return count(text, row_.reasoning_tokens);
      case Column::none:
        break;
    }
    return true;
  }

  // Null: the row is complete.
  const char* missing() const noexcept {
    if (row_.day.empty()) return "date";
    if (row_.model.empty() && row_.permaslug.empty()) return "model";
    return has_usage_ ? nullptr : "usage";
  }

  ActivityRow take() {
    if (row_.model.empty()) row_.model = row_.permaslug;
    if (!has_requests_) row_.requests = 1;
    return std::move(row_);
  }

 private:
  // The day of "2025-08-24", "2025-08-24 00:00:00" or "2025-08-24T23:12:00.000Z".
  bool date(std::string_view text) {
    const std::string_view day = text.substr(0, 10);
    if (!parse_day(day) || (text.size() > 10 && text[10] != ' ' && text[10] != 'T')) return false;
    row_.day = day;
    return true;
  }

  static bool money(std::string_view text, Money& money) {
    if (!text.empty() && text.front() == '$') text.remove_prefix(1);
    if (text.empty()) return money = Money(), true;
    const auto amount = Money::parse_rounded(text);
    if (amount) money = *amount;
    return amount.has_value();
  }

  static bool count(std::string_view text, std::int64_t& count) {
    if (text.empty()) return count = 0, true;
    const auto figure = json::to_integer(text);
    if (figure && *figure >= 0) count = *figure;
    return figure && *figure >= 0;
  }

  ActivityRow row_;
  bool has_usage_ = false;
  bool has_requests_ = false;
};

Error wrong_value(std::size_t row, std::string_view column) {
  return {ErrorCode::invalid,
          "row " + std::to_string(row) + ": the value of '" + std::string(column) + "' cannot be read"};
}
Error missing_value(std::size_t row, std::string_view column) {
  return {ErrorCode::invalid, "row " + std::to_string(row) + ": there is no '" + std::string(column) + "'"};
}

class JsonRows {
 public:
  Result<std::vector<ActivityRow>> read(std::string_view json) {
    PaddedBuffer buffer;
    buffer.append(json);
    simdjson::ondemand::parser parser;
    json::Walk walk(parser, json::kUsualDepth);
    const bool whole = walk.root(buffer, [&](const Text& key, Value value) {
      if (json::unescaped(key, scratch_) != "data" || walk.kind(value) != Kind::array) return walk.skip(value);
      found_ = true;
      return walk.array(value, [&](Value entry) { return row(walk, entry); });
    });
    if (walk.fault() != nullptr) return Error{ErrorCode::invalid, std::string("not valid JSON: ") + walk.fault()};
    if (!whole) return *error_;
    if (!found_) return Error{ErrorCode::invalid, "there is no array 'data'"};
    return std::move(rows_);
  }

 private:
  bool row(json::Walk& walk, Value value) {
    const std::size_t number = rows_.size() + 1;
    if (walk.kind(value) != Kind::object)
      return fail({ErrorCode::invalid, "row " + std::to_string(number) + " is no object"});
    RowBuilder builder;
    const bool whole = walk.object(value, [&](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      const Column column = column_of(name);
      if (column == Column::none || walk.kind(member) == Kind::null) return walk.skip(member);
      text_.clear();
      if (!walk.decimal_into(member, text_)) return false;
      return builder.set(column, text_) ? true : fail(wrong_value(number, json::unescaped(key, scratch_)));
    });
    if (!whole) return false;
    if (const char* missing = builder.missing()) return fail(missing_value(number, missing));
    rows_.push_back(builder.take());
    return true;
  }

  bool fail(Error error) { return error_ = std::move(error), false; }

  std::vector<ActivityRow> rows_;
  std::optional<Error> error_;
  std::string scratch_, text_;
  bool found_ = false;
};

// The rows of lines that are JSON objects, as one document.
std::string lines_to_document(std::string_view text) {
  std::string document = "{\"data\":[";
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = without_space(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (!std::exchange(first, false)) document += ',';
    document += line;
  }
  return document += "]}";
}

bool is_of_bill(const std::vector<std::string>& columns) {
  bool date = false, model = false, usage = false;
  for (const std::string& name : columns) {
    const Column column = column_of(name);
    date = date || column == Column::date;
    model = model || column == Column::model || column == Column::permaslug;
    usage = usage || column == Column::usage;
  }
  return date && model && usage;
}

// "Model Permaslug" is model_permaslug.
std::string column_name(std::string_view heading) {
  std::string name(without_space(heading));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    if (c == ' ' || c == '-') c = '_';
  }
  return name;
}

Result<std::vector<ActivityRow>> read_csv(std::string_view text) {
  std::vector<std::string> names, fields;
  if (!next_csv_record(text, names)) return Error{ErrorCode::invalid, "it is empty"};
  for (std::string& name : names) name = column_name(name);
  // Any text has a first line.
  if (!is_of_bill(names)) {
    return Error{ErrorCode::invalid, "neither JSON nor CSV that begins with its columns' names, date, model and usage"};
  }
  std::vector<ActivityRow> rows;
  while (next_csv_record(text, fields)) {
    const std::size_t number = rows.size() + 1;
    if (fields.size() > names.size()) {
      return Error{ErrorCode::invalid, "row " + std::to_string(number) + " has more fields than there are columns"};
    }
    RowBuilder builder;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!builder.set(column_of(names[i]), fields[i])) return wrong_value(number, names[i]);
    }
    if (const char* missing = builder.missing()) return missing_value(number, missing);
    rows.push_back(builder.take());
  }
  return rows;
}

}  // namespace

Result<std::vector<ActivityRow>> read_activity(std::string_view text) {
  if (text.substr(0, kBom.size()) == kBom) text.remove_prefix(kBom.size());
  text = without_space(text);
  if (text.empty()) return Error{ErrorCode::invalid, "it is empty"};
  if (text.front() == '[') return JsonRows().read("{\"data\":" + std::string(text) + "}");
  if (text.front() != '{') return read_csv(text);
  auto rows = JsonRows().read(text);
  if (rows) return rows;
  auto lines = JsonRows().read(lines_to_document(text));
  return lines ? std::move(lines) : std::move(rows);
}

}  // namespace gateway
