#include "operations/health_windows.h"

#include <algorithm>
#include <iterator>

namespace gateway::operations {
namespace {

using std::chrono::microseconds;

// Rows are in the order in which requests began to arrive, which is that of `accepted` but for how long bodies took.
constexpr std::chrono::minutes kLongestBody{5};
// After this long a row is taken for closed.
constexpr std::chrono::minutes kLongestRequest{10};
constexpr std::chrono::minutes kReadAnew{5};

struct Samples {
  std::vector<microseconds> first_byte, duration;
};

// What is gathered of a target.
struct Gathered {
  TargetRecord record;
  std::array<Samples, kHealthWindows.size()> samples;
};

// Nearest rank.
std::optional<Percentiles> percentiles_of(std::vector<microseconds>& samples) {
  if (samples.empty()) return std::nullopt;
  const auto rank = [&samples](std::size_t percent) {
    const auto at = samples.begin() + static_cast<std::ptrdiff_t>((samples.size() * percent + 99) / 100 - 1);
    std::nth_element(samples.begin(), at, samples.end());
    return *at;
  };
  return Percentiles{rank(50), rank(95)};
}

bool has_failed(const Row& row) { return row.state == RowState::failed || row.state == RowState::interrupted; }

// The number of a text or of two, a new one if there is none.
template <class Key>
std::uint32_t number_of(auto& numbers, Key key) {
  return numbers.try_emplace(std::move(key), static_cast<std::uint32_t>(numbers.size())).first->second;
}

}  // namespace

RecentAttempts::Attempt RecentAttempts::attempt_of(const Row& row) {
  Attempt attempt{.target = number_of(targets_, Target{row.provider.str(), row.target_model.str()}),
                  .failed = has_failed(row),
                  .accepted = row.accepted,
                  .ended = row.ended,
                  .first_byte = {},
                  .duration = {},
                  .cost = row.cost};
  if (attempt.failed) {
    attempt.code = number_of(codes_, row.error_code.str());
    return attempt;
  }
  if (row.error_code.view() == "hedge_lost") return attempt;  // it was not waited for
  if (row.first_byte >= row.dispatched && row.first_byte != WallTime{})
    attempt.first_byte = row.first_byte - row.dispatched;
  if (row.ended >= row.dispatched) attempt.duration = row.ended - row.dispatched;
  return attempt;
}

Result<void> RecentAttempts::read(Ledger& ledger, WallTime now) {
  const WallTime begin = now - kHealthWindows.back().length;
  const bool anew = now < read_at_ || now - all_read_at_ >= kReadAnew;
  const WallTime from = anew ? begin : std::max(begin, read_at_ - kLongestRequest);
  if (anew) *this = RecentAttempts(max_rows_);
  std::vector<Attempt> recent;
  std::size_t rows = 0;
  RowQuery query;
  query.limit = 0;
  const auto done = ledger.rows(query, [&](const Row& row) {
    if (row.accepted < from - kLongestBody) return false;
    if (rows++ == max_rows_) {
      oldest_ = row.accepted;
      return false;
    }
    const bool is_attempt = row.entry == 0 && row.state != RowState::open;
    if (is_attempt && row.accepted >= from) recent.push_back(attempt_of(row));
    return true;
  });
  if (!done) {
    *this = RecentAttempts(max_rows_);
    return done;
  }
  if (rows > max_rows_) attempts_.clear();  // older ones would follow a gap
  std::copy_if(attempts_.begin(), attempts_.end(), std::back_inserter(recent),
               [&](const Attempt& each) { return each.accepted >= begin && each.accepted < from; });
  if (recent.size() > max_rows_) {
    oldest_ = std::max(oldest_, recent[max_rows_].accepted);
    recent.resize(max_rows_);
  }
  attempts_ = std::move(recent);
  read_at_ = now;
  if (anew) all_read_at_ = now;
  return {};
}

RecentHealth RecentAttempts::health(WallTime now) const {
  std::vector<Gathered> gathered(targets_.size());
  std::vector<const std::string*> codes(codes_.size());
  for (const auto& [code, number] : codes_) codes[number] = &code;
  for (const Attempt& each : attempts_) {
    TargetRecord& record = gathered[each.target].record;
    for (std::size_t i = 0; i < kHealthWindows.size(); ++i) {
      if (each.accepted < now - kHealthWindows[i].length) continue;
      HealthWindow& window = record.windows[i];
      Samples& samples = gathered[each.target].samples[i];
      ++window.attempts;
      window.cost += each.cost;
      if (each.failed) {
        ++window.failed;
        ++window.codes[*codes[each.code]];
      }
      if (each.first_byte) samples.first_byte.push_back(*each.first_byte);
      if (each.duration) samples.duration.push_back(*each.duration);
    }
    std::optional<WallTime>& last = each.failed ? record.last_failure : record.last_success;
    if (last && *last >= each.ended) continue;
    last = each.ended;
    if (each.failed) record.last_error = *codes[each.code];
  }
  RecentHealth found;
  for (std::size_t i = 0; i < kHealthWindows.size(); ++i)
    found.is_complete[i] = oldest_ < now - kHealthWindows[i].length - kLongestBody;
  for (const auto& [name, number] : targets_) {
    auto& [record, samples] = gathered[number];
    if (record.windows.back().attempts == 0) continue;
    record.provider = name.first;
    record.model = name.second;
    for (std::size_t i = 0; i < kHealthWindows.size(); ++i) {
      record.windows[i].first_byte = percentiles_of(samples[i].first_byte);
      record.windows[i].duration = percentiles_of(samples[i].duration);
    }
    found.targets.push_back(std::move(record));
  }
  return found;
}

Result<RecentHealth> recent_health(Ledger& ledger, WallTime now, std::size_t max_rows) {
  RecentAttempts attempts(max_rows);
  if (auto done = attempts.read(ledger, now); !done) return std::move(done).error();
  return attempts.health(now);
}

}  // namespace gateway::operations
