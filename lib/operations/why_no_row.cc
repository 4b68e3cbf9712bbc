#include "operations/why_no_row.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time_text.h"

namespace gateway::operations {
namespace {

constexpr std::size_t kMaxListed = 12;

// RFC 9562, 5.7: the first 48 bits are milliseconds since 1970.
WallTime accepted_at(const RequestId& request) {
  std::int64_t milliseconds = 0;
  for (std::size_t i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | request.bytes[i];
  return WallTime(std::chrono::milliseconds(milliseconds));
}

Result<std::vector<UsageSum>> refused_around(Ledger& ledger, WallTime since, const AnyText& projects) {
  UsageQuery query;
  query.project = projects;
  query.since = since;
  query.until = since + kQuarter;
  query.by = {UsageKey::code, UsageKey::project, UsageKey::model};
  auto sums = ledger.usage(query);
  if (!sums) return sums;
  std::erase_if(*sums, [](const UsageSum& sum) { return sum.refused == 0; });
  std::stable_sort(sums->begin(), sums->end(), [](const auto& a, const auto& b) { return a.refused > b.refused; });
  return sums;
}

}  // namespace

WallTime quarter_of(const RequestId& request) {
  return WallTime(accepted_at(request).time_since_epoch() / kQuarter * kQuarter);
}

Result<std::string> why_no_row(Ledger& ledger, const RequestId& request, const AnyText& projects) {
  const WallTime accepted = accepted_at(request);
  const WallTime since = quarter_of(request);
  const auto refused = refused_around(ledger, since, projects);
  if (!refused) return refused.error();

  std::string text = fmt::format("{} has no row: nothing was dispatched for it. It was accepted at {}; ",
                                 request.text().view(), rfc3339(accepted));
  if (refused->empty()) {
    return text +
           "no refusal is counted in that quarter of an hour: it had no valid key, or was asked of another database";
  }
  text += "refused in that quarter of an hour, of those with a valid key, were";
  for (std::size_t i = 0; i < std::min(refused->size(), kMaxListed); ++i) {
    const UsageSum& sum = (*refused)[i];
    text += fmt::format("{} {} x {} (project {}{}{})", i == 0 ? "" : ",", sum.refused, sum.key[0], sum.key[1],
                        sum.key[2].empty() ? "" : ", model ", sum.key[2]);
  }
  if (refused->size() > kMaxListed) text += fmt::format(" and {} more kinds", refused->size() - kMaxListed);
  return text +
         fmt::format("; if its key was valid, the server's log has the line with request_id={}", request.text().view());
}

}  // namespace gateway::operations
