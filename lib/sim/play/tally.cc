#include "sim/play/tally.h"

#include <algorithm>

namespace gateway::sim {
namespace {

constexpr std::size_t kMostBuckets = 10'000;

// True: it is the first such.
bool count(std::vector<StatusCount>& counts, int status, std::string_view code, bool broken) {
  for (StatusCount& each : counts) {
    if (each.status != status || each.broken != broken || each.code != code) continue;
    ++each.count;
    return false;
  }
  counts.push_back({status, std::string(code), broken, 1, {}});
  return true;
}

void sort(std::vector<StatusCount>& counts) {
  std::sort(counts.begin(), counts.end(), [](const StatusCount& a, const StatusCount& b) {
    return std::tie(a.status, a.code, a.broken) < std::tie(b.status, b.code, b.broken);
  });
}

void add_at(std::vector<std::int64_t>& counts, std::size_t place) {
  if (counts.size() <= place) counts.resize(place + 1);
  ++counts[place];
}

bool any_or(const std::string& wanted, std::string_view value) { return wanted.empty() || wanted == value; }

constexpr int kOk = 200, kBadGateway = 502;

bool in(const Filter& filter, Duration at) { return filter.from <= at && at < filter.until; }

bool has_status(const Filter& filter, int status) {
  return !filter.status || (filter.status->first <= status && status <= filter.status->last);
}

std::int64_t found_of(Measure measure, std::int64_t count, std::int64_t of, const MoneySum& spent,
                      const Histogram& took) {
  switch (measure) {
    case Measure::requests:
    case Measure::attempts:
      return count;
    case Measure::share:
      return of == 0 ? 0 : count * kAll / of;
    case Measure::spend:
      return spent.to_money_saturated().units();
    case Measure::p50:
      return took.percentile(50).count();
    case Measure::p95:
      return took.percentile(95).count();
    case Measure::p99:
      return took.percentile(99).count();
  }
  return 0;
}

bool is_of_attempts(Measure measure) { return measure == Measure::attempts || measure == Measure::spend; }

}  // namespace

bool Outcome::as_expected() const noexcept {
  return std::all_of(judgements.begin(), judgements.end(), [](const Judgement& each) { return each.holds; });
}

Tally::Tally(const Scenario& scenario) : scenario_(scenario) {
  sums_.bucket = scenario.bucket > Duration::zero() ? scenario.bucket : scenario.length / 20;
  const auto least = scenario.length / static_cast<std::int64_t>(kMostBuckets - 1) + Duration(1);
  sums_.bucket = std::max(sums_.bucket, least);
  const Duration length = scenario.length + sums_.bucket - Duration(1);
  sums_.timeline.resize(static_cast<std::size_t>(std::max<std::int64_t>(length / sums_.bucket, 1)));
  for (const Expectation& each : scenario.expectations) expected_.push_back({.written = &each});
}

// What is dispatched after the last request counts for the last bucket.
Bucket& Tally::bucket_at(Duration at) {
  const auto place = static_cast<std::size_t>(std::max<std::int64_t>(at / sums_.bucket, 0));
  return sums_.timeline[std::min(place, sums_.timeline.size() - 1)];
}

std::string_view Tally::project_of(const Traffic& traffic) const {
  return traffic.project.empty() && !scenario_.config.projects.empty() ? scenario_.config.projects.front().name
                                                                       : traffic.project;
}

bool Tally::asked_for(const Filter& filter, const Player& player) const {
  const Traffic& traffic = *player.request().traffic;
  return in(filter, player.request().at) && any_or(filter.project, project_of(traffic)) &&
         any_or(filter.model, traffic.model) && any_or(filter.traffic, traffic.name);
}

void Tally::answer(const Player& player, Duration now) {
  const Duration took = now - player.request().at;
  Bucket& bucket = bucket_at(player.request().at);
  ++sums_.requests;
  ++bucket.requests;
  if (player.answered()) {
    ++sums_.answered;
    ++bucket.answered;
    took_.add(took);
  } else {
    ++(player.status() >= 400 && player.status() < 500 ? bucket.refused : bucket.failed);
  }
  if (count(sums_.statuses, player.status(), player.code(), player.broken()))
    sums_.statuses.back().message = player.message();
  // What breaks off is no good answer, whatever it began with.
  const int status = player.broken() ? kBadGateway : player.status();
  for (Expected& each : expected_) {
    const Filter& filter = each.written->filter;
    if (is_of_attempts(each.written->measure) || !asked_for(filter, player)) continue;
    ++each.of;
    if (!has_status(filter, status) || !any_or(filter.code, player.code()) ||
        !any_or(filter.provider, player.provider()) || !any_or(filter.target_model, player.target_model()))
      continue;
    ++each.count;
    if (!each.first || player.request().at < *each.first) each.first = player.request().at;
    if (player.answered()) each.took.add(took);
  }
}

std::size_t Tally::target_of(const Row& row) {
  name_.assign(row.provider.view()).append(1, '\n').append(row.target_model.view());
  const auto known = places_.find(name_);
  if (known != places_.end()) return known->second;
  places_.emplace(name_, targets_.size());
  Target& target = targets_.emplace_back();
  target.figures.provider = row.provider.str();
  target.figures.model = row.target_model.str();
  return targets_.size() - 1;
}

void Tally::row(const Row& row) {
  const std::size_t place = target_of(row);
  Target& target = targets_[place];
  const Duration at = row.dispatched - scenario_.start;
  Bucket& bucket = bucket_at(at);
  sums_.cost += row.cost;
  sums_.usage += row.usage;
  bucket.cost += row.cost;
  target.figures.cost += row.cost;
  target.figures.usage += row.usage;
  if (row.entry == 0) {
    ++sums_.attempts;
    ++target.figures.attempts;
    add_at(bucket.attempts, place);
    if (row.error_code.view() == "hedge_lost") {
      ++target.figures.hedges_lost;
    } else if (row.state == RowState::settled && row.error_code.empty()) {
      ++target.figures.answered;
      target.took.add(row.ended - row.dispatched);
    } else {
      add_at(bucket.failures, place);
      count(target.figures.failures, row.status, row.error_code.view(), row.status == kOk);
    }
  }
  for (Expected& each : expected_) {
    const Filter& filter = each.written->filter;
    if (!is_of_attempts(each.written->measure) || !in(filter, at) || !any_or(filter.project, row.project.view()) ||
        !any_or(filter.model, row.asked_model.view()) || !any_or(filter.traffic, row.client_request_id.view()) ||
        !any_or(filter.provider, row.provider.view()) || !any_or(filter.target_model, row.target_model.view()) ||
        !has_status(filter, row.status) || !any_or(filter.code, row.error_code.view()))
      continue;
    each.spent += row.cost;
    if (row.entry != 0) continue;
    ++each.count;
    if (!each.first || at < *each.first) each.first = at;
  }
}

Outcome Tally::outcome(Duration ended) const {
  Outcome out = sums_;
  out.ended = ended;
  out.p50 = took_.percentile(50), out.p95 = took_.percentile(95), out.p99 = took_.percentile(99);
  sort(out.statuses);
  for (const Target& target : targets_) {
    TargetFigures& figures = out.targets.emplace_back(target.figures);
    figures.p50 = target.took.percentile(50), figures.p95 = target.took.percentile(95);
    sort(figures.failures);
  }
  for (const Expected& each : expected_) {
    Judgement& judged = out.judgements.emplace_back();
    judged.expected = *each.written;
    judged.found = found_of(each.written->measure, each.count, each.of, each.spent, each.took);
    judged.holds = each.written->range.holds(judged.found);
    if (!judged.holds && each.written->range.most == 0) judged.first = each.first;
  }
  return out;
}

}  // namespace gateway::sim
