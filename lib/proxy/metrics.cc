#include "proxy/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <tuple>

#include "base/prometheus.h"
#include "wire/openai/error_body.h"

namespace gateway {
namespace {

constexpr std::int64_t kFirstBoundNs = 64'000;
constexpr std::string_view kOther = "*";  // no project and no provider can be named so

// Providers' own codes have no bound.
std::string_view code_label(std::string_view code) noexcept {
  return code.empty() || is_own_code(code) ? code : "provider_code";
}

// Sums over shards and over the labels that a family does not have.
struct HistogramSum {
  std::array<std::int64_t, MeterHistogram::kBuckets + 1> buckets{};
  std::int64_t sum_ns = 0;
  void add(const MeterHistogram& h) {
    for (int i = 0; i <= MeterHistogram::kBuckets; ++i) buckets[static_cast<std::size_t>(i)] += h.in_bucket(i);
    sum_ns += h.sum_ns();
  }
};

void write_histogram(std::string& out, std::string_view name, std::string_view help,
                     const std::map<std::string, HistogramSum>& by_provider) {
  prometheus::append_family(out, name, "histogram", help);
  for (const auto& [provider, h] : by_provider) {
    std::int64_t count = 0;
    for (int i = 0; i < MeterHistogram::kBuckets; ++i) {
      count += h.buckets[static_cast<std::size_t>(i)];
      out += fmt::format("{}_bucket{{provider=\"{}\",le=\"{}\"}} {}\n", name, prometheus::escaped_label(provider),
                         MeterHistogram::bound(i), count);
    }
    count += h.buckets.back();
    out += fmt::format(
        "{0}_bucket{{provider=\"{1}\",le=\"+Inf\"}} {2}\n{0}_sum{{provider=\"{1}\"}} "
        "{3}\n{0}_count{{provider=\"{1}\"}} {2}\n",
        name, prometheus::escaped_label(provider), count, static_cast<double>(h.sum_ns) / 1e9);
  }
}

}  // namespace

void MeterHistogram::add(Duration duration) noexcept {
  const std::int64_t ns = duration.count() < 0 ? 0 : duration.count();
  const auto scaled = static_cast<std::uint64_t>(ns) / static_cast<std::uint64_t>(kFirstBoundNs);
  const int bucket = std::min(static_cast<int>(std::bit_width(scaled)), kBuckets);
  buckets_[static_cast<std::size_t>(bucket)].add();
  sum_.add(ns);
}

double MeterHistogram::bound(int bucket) noexcept {
  return static_cast<double>(kFirstBoundNs) * static_cast<double>(std::int64_t{1} << bucket) / 1e9;
}

ExchangeMeters& MeterShard::find(const ExchangeRecord& record, std::string_view route) {
  std::string_view project = record.project, provider = record.provider, code = code_label(record.error_code);
  int status = record.status;
  if (last_ != nullptr && last_->status == status && last_->code == code && last_->provider == provider &&
      last_->route == route && last_->project == project) {
    return *last_;
  }
  const auto named = [&]() -> const std::string& {
    name_.assign(project).append(1, '\0').append(route).append(1, '\0').append(provider).append(1, '\0');
    return name_.append(code).append(1, '\0').append(std::to_string(status));
  };
  if (const auto found = seen_.find(named()); found != seen_.end()) return *(last_ = found->second);
  const bool full = seen_.size() >= kMostKinds;
  if (full || kinds_of_[std::string(record.project)] >= kMostKindsOfProject) {
    if (full) project = kOther;
    route = provider = code = kOther;
    status = 0;
    if (const auto found = seen_.find(named()); found != seen_.end()) return *found->second;
  }
  if (!full) ++kinds_of_[std::string(record.project)];
  auto meters = std::make_unique<ExchangeMeters>();
  meters->project = project;
  meters->route = route;
  meters->provider = provider;
  meters->code = code;
  meters->status = status;
  ExchangeMeters& place = *meters;
  seen_.emplace(name_, &place);
  const std::lock_guard lock(mutex_);
  all_.push_back(std::move(meters));
  return place;
}

void MeterShard::add(const ExchangeRecord& record, std::string_view route) {
  ExchangeMeters& meters = find(record, route);
  meters.exchanges.add();
  meters.attempts.add(record.attempts);
  meters.input_tokens.add(record.usage.input);
  meters.cached_tokens.add(record.usage.cached_input);
  meters.output_tokens.add(record.usage.output);
  meters.cost_pico.add(record.cost.units());
  meters.overhead.add(record.overhead);
  if (record.first_byte > Duration{}) meters.first_byte.add(record.first_byte);
  meters.duration.add(record.total);
}

void Metrics::write(std::string& out) const {
  std::map<std::tuple<std::string, std::string, std::string, int, std::string>, std::int64_t> exchanges;
  struct Totals {
    std::int64_t attempts = 0, input = 0, cached = 0, output = 0, cost = 0;
  };
  std::map<std::tuple<std::string, std::string, std::string>, Totals> totals;
  std::map<std::string, HistogramSum> overhead, first_byte, duration;
  for (const MeterShard& shard : shards_) {
    shard.each([&](const ExchangeMeters& m) {
      exchanges[{m.project, m.route, m.provider, m.status, m.code}] += m.exchanges.value();
      Totals& t = totals[{m.project, m.route, m.provider}];
      t.attempts += m.attempts.value();
      t.input += m.input_tokens.value();
      t.cached += m.cached_tokens.value();
      t.output += m.output_tokens.value();
      t.cost += m.cost_pico.value();
      overhead[m.provider].add(m.overhead);
      first_byte[m.provider].add(m.first_byte);
      duration[m.provider].add(m.duration);
    });
  }
  prometheus::append_family(out, "gateway_exchanges_total", "counter",
                            "Client requests that reached a project, by what they were answered.");
  for (const auto& [labels, n] : exchanges) {
    const auto& [project, route, provider, status, code] = labels;
    out += fmt::format(
        "gateway_exchanges_total{{project=\"{}\",route=\"{}\",provider=\"{}\",status=\"{}\",code=\"{}\"}} {}\n",
        prometheus::escaped_label(project), prometheus::escaped_label(route), prometheus::escaped_label(provider),
        status, prometheus::escaped_label(code), n);
  }
  const auto write_total = [&](std::string_view name, std::string_view help, auto value) {
    prometheus::append_family(out, name, "counter", help);
    for (const auto& [labels, t] : totals) {
      const auto& [project, route, provider] = labels;
      out += fmt::format("{}{{project=\"{}\",route=\"{}\",provider=\"{}\"}} {}\n", name,
                         prometheus::escaped_label(project), prometheus::escaped_label(route),
                         prometheus::escaped_label(provider), value(t));
    }
  };
  write_total("gateway_attempts_total", "Dispatches to providers.", [](const Totals& t) { return t.attempts; });
  write_total("gateway_input_tokens_total", "Input tokens, cached ones too.", [](const Totals& t) { return t.input; });
  write_total("gateway_cached_input_tokens_total", "Input tokens read from a provider's cache.",
              [](const Totals& t) { return t.cached; });
  write_total("gateway_output_tokens_total", "Output tokens, reasoning ones too.",
              [](const Totals& t) { return t.output; });
  write_total("gateway_cost_usd_total", "Cost in US dollars.",
              [](const Totals& t) { return static_cast<double>(t.cost) / 1e12; });
  write_histogram(out, "gateway_overhead_seconds", "Time spent by the gateway itself per exchange.", overhead);
  write_histogram(out, "gateway_first_byte_seconds", "From acceptance to the provider's head.", first_byte);
  write_histogram(out, "gateway_duration_seconds", "From acceptance to the last byte.", duration);
}

}  // namespace gateway
