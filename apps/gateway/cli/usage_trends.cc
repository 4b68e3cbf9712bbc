#include "app/cli/usage_trends.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/cli/parser/check.h"
#include "app/cli/parser/command.h"
#include "app/render/json.h"
#include "app/render/trends.h"
#include "base/time_text.h"

namespace gateway::app {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr std::size_t kMaxBuckets = 60;  // of a sparkline: the last ones
constexpr std::size_t kShareWidth = 10;

// Days or hours in UTC, one after another.
struct Buckets {
  UsageKey key = UsageKey::day;
  std::vector<std::string> names;
  WallTime since{}, until{};
};

Buckets buckets_of(UsageKey key, WallTime since, WallTime until, std::size_t most) {
  const WallTime::duration step = key == UsageKey::day ? WallTime::duration(days(1)) : WallTime::duration(hours(1));
  Buckets buckets{key, {}, WallTime(since.time_since_epoch() / step * step), until};
  const auto count = static_cast<std::size_t>((until - buckets.since + step - WallTime::duration(1)) / step);
  if (count > most) buckets.since += step * static_cast<std::int64_t>(count - most);
  for (WallTime at = buckets.since; at < until; at += step)
    buckets.names.push_back(key == UsageKey::day ? day_text(at) : rfc3339(at));
  return buckets;
}

// The sums of each set of keys, a figure for each bucket.
Result<std::map<std::vector<std::string>, std::vector<MoneySum>>> read_buckets(const operations::Deployment& deployment,
                                                                               UsageQuery query,
                                                                               const Buckets& buckets) {
  query.zone = {};  // the buckets are of UTC
  query.since = buckets.since;
  query.until = buckets.until;
  query.by.push_back(buckets.key);
  const auto answer = operations::usage(deployment, query, {.limit = 0});
  if (!answer) return answer.error();
  std::map<std::vector<std::string>, std::vector<MoneySum>> found;
  for (const UsageSum& sum : answer->sums) {
    std::vector<std::string> key(sum.key.begin(), sum.key.end() - 1);
    std::vector<MoneySum>& amounts = found[std::move(key)];
    amounts.resize(buckets.names.size());
    const auto at = std::find(buckets.names.begin(), buckets.names.end(), sum.key.back());
    if (at != buckets.names.end()) amounts[static_cast<std::size_t>(at - buckets.names.begin())] += sum.cost;
  }
  return found;
}

// "+12%"; "new" if nothing was spent before.
Cell change_cell(MoneySum now, MoneySum before) {
  if (before <= MoneySum()) return {now > MoneySum() ? "new" : "", json::null()};
  const bool is_more = now > before;
  const MoneySum difference = is_more ? now - before : before - now;
  const std::int64_t percent = (ratio(difference, before, 200) + 1) / 2;
  return {fmt::format("{}{}%",
                      percent == 0 ? ""
                      : is_more    ? "+"
                                   : "-",
                      percent),
          json::number(is_more ? percent : -percent), is_more ? Tone::warning : Tone::good};
}

}  // namespace

void add_flags(Command& command, TrendFlags& flags) {
  command
      .add_option("--spark", flags.spark, "How the cost went, as a line: by day (14 unless --since) or hour (24)",
                  "STEP")
      ->check(one_of({"day", "hour"}));
  command.add_flag("--share", flags.share, "The share of the cost, in percent and as a bar");
  command.add_flag("--compare", flags.compare, "The cost of the span before, which is as long as that from --since on");
  command.add_flag("--chart", flags.chart, "The cost as stacked bars by the first of --by, a line a day or an hour");
  command.add_flag("--ascii", flags.ascii, "Draw with ASCII characters alone");
}

Result<Trends> Trends::read(const operations::Deployment& deployment, const UsageQuery& query, const TrendFlags& flags,
                            const UsageSum& total) {
  Trends trends(flags);
  trends.total_ = total.cost;
  const WallTime until = query.until.value_or(deployment.now);
  if (flags.spark) {
    const UsageKey key = *flags.spark == "day" ? UsageKey::day : UsageKey::hour;
    const WallTime usual = until - (key == UsageKey::day ? hours(13 * 24) : hours(23));
    const Buckets buckets = buckets_of(key, query.since.value_or(usual), until, kMaxBuckets);
    auto amounts = read_buckets(deployment, query, buckets);
    if (!amounts) return std::move(amounts).error();
    trends.buckets_ = buckets.names.size();
    trends.amounts_ = std::move(*amounts);
  }
  if (flags.compare) {
    if (!query.since) return usage_error("--compare: expected --since, which says how long the span is");
    UsageQuery before = query;
    before.until = query.since;
    before.since = *query.since - (until - *query.since);
    const auto answer = operations::usage(deployment, before, {.limit = 0});
    if (!answer) return answer.error();
    for (const UsageSum& sum : answer->sums) trends.before_[sum.key] = sum.cost;
    std::vector<std::string> total_key(query.by.size());
    if (!total_key.empty()) total_key.front() = "total";
    trends.before_[total_key] = answer->total.cost;
  }
  return trends;
}

std::vector<Column> Trends::columns() const {
  std::vector<Column> columns;
  if (flags_.compare) {
    columns.push_back({"cost_before", true});
    columns.push_back({"change", true});
  }
  if (flags_.share) {
    columns.push_back({"share", true});
    columns.push_back({"share_bar", false, true, true});
  }
  if (flags_.spark) columns.push_back({"trend"});
  return columns;
}

std::vector<Cell> Trends::cells(const UsageSum& sum, Format format) const {
  std::vector<Cell> cells;
  if (flags_.compare) {
    const auto found = before_.find(sum.key);
    const MoneySum before = found == before_.end() ? MoneySum() : found->second;
    cells.push_back(cell(before));
    cells.push_back(change_cell(sum.cost, before));
  }
  if (flags_.share) {
    const std::int64_t tenths = proportion(sum.cost, total_, 1000);
    const std::string percent = fmt::format("{}.{}", tenths / 10, tenths % 10);
    cells.push_back({percent + "%", percent});
    cells.push_back({share_bar(sum.cost, total_, kShareWidth, flags_.ascii), json::null(), Tone::accent});
  }
  if (flags_.spark) {
    const auto found = amounts_.find(sum.key);
    std::vector<MoneySum> amounts = found == amounts_.end() ? std::vector<MoneySum>(buckets_) : found->second;
    const bool is_total = !sum.key.empty() && sum.key.front() == "total" && found == amounts_.end();
    if (is_total) {
      for (const auto& [key, each] : amounts_) {
        for (std::size_t i = 0; i < buckets_; ++i) amounts[i] += each[i];
      }
    }
    std::vector<std::string> figures, plain;
    for (const MoneySum& amount : amounts) {
      figures.push_back(json::money(amount));
      plain.push_back(amount.to_string());
    }
    cells.push_back(
        {format == Format::csv ? fmt::format("{}", fmt::join(plain, " ")) : sparkline(amounts, flags_.ascii),
         json::list(figures)});
  }
  return cells;
}

Result<std::string> usage_chart(const operations::Deployment& deployment, const UsageQuery& query, bool ascii,
                                std::size_t columns, bool colour) {
  constexpr std::size_t kMaxLines = 400;
  const WallTime until = query.until.value_or(deployment.now);
  const WallTime since = query.since.value_or(until - hours(29 * 24));
  const UsageKey step = until - since <= hours(48) ? UsageKey::hour : UsageKey::day;
  const Buckets buckets = buckets_of(step, since, until, kMaxLines);
  UsageQuery asked = query;
  std::erase_if(asked.by, [](UsageKey key) {
    return key == UsageKey::quarter || key == UsageKey::hour || key == UsageKey::day || key == UsageKey::week ||
           key == UsageKey::month;
  });
  if (asked.by.size() > 1) asked.by.resize(1);
  auto amounts = read_buckets(deployment, asked, buckets);
  if (!amounts) return std::move(amounts).error();
  Chart chart;
  chart.title = fmt::format("USD {} (UTC)", step == UsageKey::day ? "a day" : "an hour");
  chart.labels = buckets.names;
  for (auto& [key, each] : *amounts) chart.series.push_back({key.empty() ? "all" : key.front(), std::move(each)});
  return chart_text(std::move(chart), columns, colour, ascii);
}

}  // namespace gateway::app
