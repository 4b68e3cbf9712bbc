#include "adapters/sqlite/row_columns.h"

#include <algorithm>

namespace gateway::sqlite {
namespace {

constexpr std::int64_t kMostCount = 1'000'000'000'000;

template <class Enum>
bool read_enum(std::int64_t value, Enum last, Enum& out) {
  if (value < 0 || value > static_cast<std::int64_t>(last)) return false;
  out = static_cast<Enum>(value);
  return true;
}

}  // namespace

RowNames number_names(Names& names, const Row& row, const Row& like, const RowNames& likes) {
  RowNames numbers;
  const auto number = [&](auto Row::*text, std::int64_t RowNames::*place) {
    numbers.*place = like.*text == row.*text ? likes.*place : names.number(row.*text);
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
  return std::all_of(kUsageCounts.begin(), kUsageCounts.end(),
                     [&usage](const auto count) { return -kMostCount <= usage.*count && usage.*count <= kMostCount; });
}

Row clamped_to_limits(const Row& row) {
  Row out = row;
  for (const auto count : kUsageCounts) out.usage.*count = std::clamp(out.usage.*count, -kMostCount, kMostCount);
  out.flags |= row_flag::usage_odd;
  return out;
}

Row read_row(Database& db, Names& names, const Query& q) {
  Row row;
  const auto id = q.blob(0);
  bool valid = id.size() == row.request.bytes.size();
  if (valid) std::copy(id.begin(), id.end(), row.request.bytes.begin());
  row.attempt = static_cast<std::uint16_t>(q.integer(1));
  row.entry = static_cast<std::uint16_t>(q.integer(2));
  valid = read_enum(q.integer(3), RowState::adjustment, row.state) && valid;
  valid = read_enum(q.integer(4), Operation::rerank, row.operation) && valid;
  valid = read_enum(q.integer(5), CostSource::held, row.cost_source) && valid;
  row.streamed = q.integer(6) != 0;
  row.status = static_cast<std::int32_t>(q.integer(7));
  row.flags = static_cast<std::uint32_t>(q.integer(8));
  row.process = static_cast<std::uint64_t>(q.integer(9));
  row.usage = {.input = q.integer(10),
               .cached_input = q.integer(11),
               .cache_write = q.integer(12),
               .output = q.integer(13),
               .reasoning = q.integer(14),
               .images = q.integer(34),
               .audio_ms = q.integer(35),
               .characters = q.integer(36),
               .searches = q.integer(37)};
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
  row.upstream_cost = Money::units(q.integer(32));
  valid = read_enum(q.integer(33), SurfaceKind::insforge, row.surface) && valid;
  if (!valid) db.fail({ErrorCode::corrupt, "row " + row.request.text().str() + " has values that no row can have"});
  return row;
}

}  // namespace gateway::sqlite
