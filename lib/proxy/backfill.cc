#include "proxy/backfill.h"

#include <algorithm>
#include <string>
#include <utility>

#include "gateway/journal.h"
#include "providers/dialect.h"
#include "proxy/core_state.h"
#include "wire/openrouter/generation.h"

namespace gateway {
namespace {

constexpr auto kLimit = std::chrono::seconds(10);
// An interrupted call's record can lag by a minute and more: after 2 s, 4 s, ... to 64 s, then it is reconciliation's.
constexpr int kMostTries = 6;
constexpr auto kTakeUpEvery = std::chrono::seconds(1);
// What an earlier process left is queried at leisure, so that what is cut off now does not wait for all of it.
constexpr auto kBetweenResumed = std::chrono::milliseconds(100);

Usage minus(const Usage& a, const Usage& b) noexcept {
  return {.input = a.input - b.input,
          .cached_input = a.cached_input - b.cached_input,
          .cache_write = a.cache_write - b.cache_write,
          .output = a.output - b.output,
          .reasoning = a.reasoning - b.reasoning};
}

}  // namespace

Backfill::~Backfill() {
  if (pending_.empty()) return;
  core_.log(LogLevel::warning, "the costs of " + std::to_string(pending_.size()) +
                                   " calls that were cut off are still to be asked for, from the next start on");
}

void Backfill::add(const Row& row, TimePoint due) {
  if (pending_.size() >= kMostPending) return give_up(row, "too many wait to be asked for");
  pending_.emplace(due, Pending{row, 0});
  if (fetch_ == nullptr) timer_.arm(alarm_, pending_.begin()->first);
}

void Backfill::take_up() {
  TimePoint due = timer_.now();
  for (const Row& row : core_.take_resumed()) {
    const bool waits = std::any_of(pending_.begin(), pending_.end(), [&](const auto& each) {
      return each.second.row.request == row.request && each.second.row.attempt == row.attempt;
    });
    if (!waits) add(row, due += kBetweenResumed);
  }
  timer_.arm(take_up_alarm_, timer_.now() + kTakeUpEvery);
}

void Backfill::poll() {
  while (!pending_.empty() && fetch_ == nullptr) {
    const auto first = pending_.begin();
    if (timer_.now() < first->first) return timer_.arm(alarm_, first->first);
    const Row& row = first->second.row;
    const auto provider = core_.provider(row.provider.view());
    if (provider == nullptr || !provider->dialect->tells_cost_later()) {
      give_up(row, "the provider is no longer there");
      pending_.erase(first);
      continue;
    }
    fetch_ = std::make_unique<Fetch>(timer_, upstream_, provider, "/generation?id=" + row.generation_id.str(), kLimit,
                                     [this, first](const Result<Fetch::Answer>& answer) { take(first, answer); });
  }
}

void Backfill::take(Queue::iterator asked, const Result<Fetch::Answer>& answer) {
  Pending pending = std::move(asked->second);
  pending_.erase(asked);
  bool told = false;
  if (answer && answer->status == 200) {
    const auto facts = read_generation(answer->body);
    told = facts && book(pending.row, *facts);
  }
  if (!told && ++pending.tries < kMostTries) {
    const TimePoint due = timer_.now() + kFirstDelay * (1 << pending.tries);
    pending_.emplace(due, std::move(pending));
  } else if (!told) {
    give_up(pending.row, "the provider does not report it");
  }
  fetch_.reset();
  if (!pending_.empty()) timer_.arm(alarm_, std::max(timer_.now(), pending_.begin()->first));
}

void Backfill::give_up(const Row& row, std::string_view why) {
  core_.log(LogLevel::warning,
            std::string("the cost of a call that was cut off is left to reconciliation: ")
                .append(why)
                .append(": ")
                .append(row.provider)
                .append(", ")
                .append(row.generation_id),
            row.request.text());
}

// The row itself stays as it is; what differs is a row of its own. False: the journal has no room now.
bool Backfill::book(const Row& row, const Generation& facts) {
  if (!facts.cost) return false;
  const Money upstream = facts.is_byok ? facts.upstream_cost.value_or(Money{}) : Money{};
  const auto difference = facts.cost->plus_saturated(upstream).minus(row.cost);
  if (!difference) return true;
  if (room_ == 0) {
    if (!journal_.reserve()) return false;
    room_ = 2;
  }
  --room_;
  Row adjustment = row;
  adjustment.process = core_.process();
  adjustment.entry = 1;
  adjustment.state = RowState::adjustment;
  adjustment.cost_source = CostSource::provider;
  adjustment.hold = Money{};
  adjustment.cost = *difference;
  adjustment.upstream_cost = upstream.minus(row.upstream_cost).value_or(Money{});
  adjustment.usage = Usage{};
  if (facts.has_usage) adjustment.usage = minus(facts.usage, row.usage);
  adjustment.flags = facts.is_byok ? row_flag::byok : 0;
  adjustment.price_version = std::string_view{};
  adjustment.ended = timer_.wall();
  journal_.settle(adjustment);
  return true;
}

}  // namespace gateway
