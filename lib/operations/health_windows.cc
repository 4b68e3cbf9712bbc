#include "operations/health_windows.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gateway::operations {
namespace {

using std::chrono::microseconds;

// Rows are in the order in which requests began to arrive, which is that of `accepted` but for how long bodies took.
constexpr std::chrono::minutes kLongestBody{5};

struct Samples {
  std::vector<microseconds> first_byte, duration;
};

// What is gathered of a target while rows are read.
struct Gathered {
  TargetRecord record;
  std::array<Samples, kHealthWindows.size()> samples;
};

// Nearest rank.
std::optional<Percentiles> percentiles_of(std::vector<microseconds>& samples) {
  if (samples.empty()) return std::nullopt;
  std::sort(samples.begin(), samples.end());
  const auto rank = [&samples](std::size_t percent) { return samples[(samples.size() * percent + 99) / 100 - 1]; };
  return Percentiles{rank(50), rank(95)};
}

bool has_failed(const Row& row) { return row.state == RowState::failed || row.state == RowState::interrupted; }

void add(HealthWindow& window, Samples& samples, const Row& row) {
  ++window.attempts;
  window.cost += row.cost;
  if (has_failed(row)) {
    ++window.failed;
    ++window.codes[row.error_code.str()];
    return;
  }
  if (row.first_byte >= row.dispatched && row.first_byte != WallTime{})
    samples.first_byte.push_back(row.first_byte - row.dispatched);
  if (row.ended >= row.dispatched) samples.duration.push_back(row.ended - row.dispatched);
}

void note_end(TargetRecord& record, const Row& row) {
  std::optional<WallTime>& last = has_failed(row) ? record.last_failure : record.last_success;
  if (last && *last >= row.ended) return;
  last = row.ended;
  if (has_failed(row)) record.last_error = row.error_code.str();
}

}  // namespace

Result<RecentHealth> recent_health(Ledger& ledger, WallTime now, std::size_t max_rows) {
  const WallTime begin = now - kHealthWindows.back().length;
  std::map<std::pair<std::string, std::string>, Gathered> targets;
  std::size_t rows = 0;
  WallTime oldest = WallTime::max();  // that was read, if not all were
  RowQuery query;
  query.limit = 0;
  const auto done = ledger.rows(query, [&](const Row& row) {
    if (row.accepted < begin - kLongestBody) return false;
    if (rows++ == max_rows) {
      oldest = row.accepted;
      return false;
    }
    const bool is_attempt = row.entry == 0 && row.state != RowState::open;
    if (!is_attempt || row.accepted < begin) return true;
    Gathered& target = targets[{row.provider.str(), row.target_model.str()}];
    for (std::size_t i = 0; i < kHealthWindows.size(); ++i) {
      if (row.accepted >= now - kHealthWindows[i].length) add(target.record.windows[i], target.samples[i], row);
    }
    note_end(target.record, row);
    return true;
  });
  if (!done) return done.error();
  RecentHealth found;
  for (std::size_t i = 0; i < kHealthWindows.size(); ++i)
    found.is_complete[i] = oldest == WallTime::max() || oldest < now - kHealthWindows[i].length - kLongestBody;
  for (auto& [name, target] : targets) {
    TargetRecord& record = target.record;
    std::tie(record.provider, record.model) = name;
    for (std::size_t i = 0; i < kHealthWindows.size(); ++i) {
      record.windows[i].first_byte = percentiles_of(target.samples[i].first_byte);
      record.windows[i].duration = percentiles_of(target.samples[i].duration);
    }
    found.targets.push_back(std::move(record));
  }
  return found;
}

}  // namespace gateway::operations
