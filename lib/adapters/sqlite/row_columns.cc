#include "adapters/sqlite/row_columns.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <type_traits>

namespace gateway::sqlite {
namespace {

constexpr std::int64_t kMostTokens = 1'000'000'000'000;

template <class Enum>
bool read_enum(std::int64_t value, Enum last, Enum& out) {
  if (value < 0 || value > static_cast<std::int64_t>(last)) return false;
  out = static_cast<Enum>(value);
  return true;
}

void give(sqlite3_context* out, std::int64_t value) { sqlite3_result_int64(out, value); }
void give(sqlite3_context* out, std::string_view text) {
  sqlite3_result_text(out, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

struct Column {
  const char* name;
  void (*give)(sqlite3_context*, const Row&, const RowNames&);
};

// A column whose value is an integer, of the row or of its texts' numbers.
template <auto value>
void integer(sqlite3_context* out, const Row& row, const RowNames& numbers) {
  if constexpr (std::is_invocable_v<decltype(value), const Row&>) {
    give(out, static_cast<std::int64_t>(std::invoke(value, row)));
  } else {
    give(out, std::invoke(value, numbers));
  }
}

constexpr Column kColumns[] = {
    {"request",
     [](sqlite3_context* out, const Row& row, const RowNames&) {
       sqlite3_result_blob(out, row.request.bytes.data(), static_cast<int>(row.request.bytes.size()), SQLITE_STATIC);
     }},
    {"attempt", integer<&Row::attempt>},
    {"entry", integer<&Row::entry>},
    {"state", integer<&Row::state>},
    {"endpoint", integer<&Row::endpoint>},
    {"cost_source", integer<&Row::cost_source>},
    {"streamed", integer<&Row::streamed>},
    {"status", integer<&Row::status>},
    {"flags", integer<&Row::flags>},
    {"process", integer<[](const Row& row) { return signed_of(row.process); }>},
    {"input", integer<[](const Row& row) { return row.usage.input; }>},
    {"cached_input", integer<[](const Row& row) { return row.usage.cached_input; }>},
    {"cache_write", integer<[](const Row& row) { return row.usage.cache_write; }>},
    {"output", integer<[](const Row& row) { return row.usage.output; }>},
    {"reasoning", integer<[](const Row& row) { return row.usage.reasoning; }>},
    {"hold", integer<[](const Row& row) { return row.hold.units(); }>},
    {"cost", integer<[](const Row& row) { return row.cost.units(); }>},
    {"accepted", integer<[](const Row& row) { return micros_of(row.accepted); }>},
    {"dispatched", integer<[](const Row& row) { return micros_of(row.dispatched); }>},
    {"first_byte", integer<[](const Row& row) { return micros_of(row.first_byte); }>},
    {"ended", integer<[](const Row& row) { return micros_of(row.ended); }>},
    {"project", integer<&RowNames::project>},
    {"api_key", integer<&RowNames::key>},
    {"asked_model", integer<&RowNames::asked_model>},
    {"target_model", integer<&RowNames::target_model>},
    {"served_model", integer<&RowNames::served_model>},
    {"provider", integer<&RowNames::provider>},
    {"error_code", integer<&RowNames::error_code>},
    {"finish_reason", integer<&RowNames::finish_reason>},
    {"price_version", integer<&RowNames::price_version>},
    {"client_request_id",
     [](sqlite3_context* out, const Row& row, const RowNames&) { give(out, row.client_request_id.view()); }},
    {"generation_id",
     [](sqlite3_context* out, const Row& row, const RowNames&) { give(out, row.generation_id.view()); }},
};
constexpr std::size_t kKeyColumns = 3;

}  // namespace

RowNames number_names(Names& names, const Row& row, const Row* like, const RowNames& likes) {
  RowNames numbers;
  const auto number = [&](auto Row::*text, std::int64_t RowNames::*place) {
    const bool known = like != nullptr && like->*text == row.*text;
    numbers.*place = known ? likes.*place : names.number(row.*text);
  };
  number(&Row::project, &RowNames::project);
  number(&Row::key, &RowNames::key);
  number(&Row::asked_model, &RowNames::asked_model);
  number(&Row::target_model, &RowNames::target_model);
  number(&Row::served_model, &RowNames::served_model);
  number(&Row::provider, &RowNames::provider);
  number(&Row::error_code, &RowNames::error_code);
  number(&Row::finish_reason, &RowNames::finish_reason);
  number(&Row::price_version, &RowNames::price_version);
  return numbers;
}

bool within_limits(const Usage& usage) noexcept {
  const auto [least, most] =
      std::minmax({usage.input, usage.cached_input, usage.cache_write, usage.output, usage.reasoning});
  return -kMostTokens <= least && most <= kMostTokens;
}

Row cut_to_limits(const Row& row) {
  Row out = row;
  for (std::int64_t* count :
       {&out.usage.input, &out.usage.cached_input, &out.usage.cache_write, &out.usage.output, &out.usage.reasoning}) {
    *count = std::clamp(*count, -kMostTokens, kMostTokens);
  }
  out.flags |= row_flag::usage_odd;
  return out;
}

std::string ledger_columns() {
  std::string out;
  for (const Column& column : kColumns) out.append(out.empty() ? "" : ", ").append(column.name);
  return out;
}

std::span<const std::string_view> changing_columns() {
  static const auto names = [] {
    std::array<std::string_view, std::size(kColumns) - kKeyColumns> out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = kColumns[kKeyColumns + i].name;
    return out;
  }();
  return names;
}

void give_column(sqlite3_context* out, const Row& row, const RowNames& numbers, int column) {
  kColumns[column].give(out, row, numbers);
}

Row read_row(Database& db, Names& names, const Query& q) {
  Row row;
  const auto id = q.blob(0);
  bool valid = id.size() == row.request.bytes.size();
  if (valid) std::copy(id.begin(), id.end(), row.request.bytes.begin());
  row.attempt = static_cast<std::uint16_t>(q.integer(1));
  row.entry = static_cast<std::uint16_t>(q.integer(2));
  valid = read_enum(q.integer(3), RowState::adjustment, row.state) && valid;
  valid = read_enum(q.integer(4), Endpoint::embeddings, row.endpoint) && valid;
  valid = read_enum(q.integer(5), CostSource::held, row.cost_source) && valid;
  row.streamed = q.integer(6) != 0;
  row.status = static_cast<std::int32_t>(q.integer(7));
  row.flags = static_cast<std::uint32_t>(q.integer(8));
  row.process = static_cast<std::uint64_t>(q.integer(9));
  row.usage = {q.integer(10), q.integer(11), q.integer(12), q.integer(13), q.integer(14)};
  row.hold = Money::units(q.integer(15));
  row.cost = Money::units(q.integer(16));
  row.accepted = time_of(q.integer(17));
  row.dispatched = time_of(q.integer(18));
  row.first_byte = time_of(q.integer(19));
  row.ended = time_of(q.integer(20));
  row.project = names.text(q.integer(21));
  row.key = names.text(q.integer(22));
  row.asked_model = names.text(q.integer(23));
  row.target_model = names.text(q.integer(24));
  row.served_model = names.text(q.integer(25));
  row.provider = names.text(q.integer(26));
  row.error_code = names.text(q.integer(27));
  row.finish_reason = names.text(q.integer(28));
  row.price_version = names.text(q.integer(29));
  row.client_request_id = q.text(30);
  row.generation_id = q.text(31);
  if (!valid) db.fail({ErrorCode::corrupt, "row " + row.request.text().str() + " has values that no row can have"});
  return row;
}

}  // namespace gateway::sqlite
