#include "proxy/backfill.h"

#include "gateway/journal.h"
#include "proxy/core_state.h"
#include "wire/generation.h"

namespace gateway {
namespace {

constexpr auto kLimit = std::chrono::seconds(10);
// An interrupted call's record can lag by a minute and more: after 2 s, 4 s, ... to 64 s, then it is reconciliation's.
constexpr int kMostTries = 6;

Usage minus(const Usage& a, const Usage& b) noexcept {
  return {.input = a.input - b.input,
          .cached_input = a.cached_input - b.cached_input,
          .cache_write = a.cache_write - b.cache_write,
          .output = a.output - b.output,
          .reasoning = a.reasoning - b.reasoning};
}

Duration delay(int tries) { return std::chrono::seconds(2 << tries); }

}  // namespace

void Backfill::add(const Row& row) {
  if (pending_.size() >= kMostPending) return;
  pending_.push_back({row, timer_.now() + delay(0), 0});
  if (!alarm_.armed() && fetch_ == nullptr) timer_.arm(alarm_, pending_.front().next);
}

void Backfill::look() {
  if (pending_.empty() || fetch_ != nullptr) return;
  if (timer_.now() < pending_.front().next) return timer_.arm(alarm_, pending_.front().next);
  const Row& row = pending_.front().row;
  const auto snapshot = core_.snapshot();
  const auto provider = snapshot->providers.find(row.provider.view());
  if (provider == snapshot->providers.end()) {
    pending_.pop_front();
    return timer_.arm(alarm_, timer_.now());
  }
  fetch_ = std::make_unique<Fetch>(timer_, upstream_, provider->second, "/generation?id=" + row.generation_id.str(),
                                   kLimit, [this](const Result<Fetch::Answer>& answer) { take(answer); });
}

void Backfill::take(const Result<Fetch::Answer>& answer) {
  Pending pending = std::move(pending_.front());
  pending_.pop_front();
  bool told = false;
  if (answer && answer->status == 200) {
    const auto facts = read_generation(answer->body);
    told = facts && book(pending.row, *facts);
  }
  if (!told && ++pending.tries < kMostTries) {
    pending.next = timer_.now() + delay(pending.tries);
    pending_.push_back(std::move(pending));
  } else if (!told) {
    core_.log(LogLevel::warning, "the cost of a call that was cut off could not be asked for",
              pending.row.request.text());
  }
  fetch_.reset();
  if (!pending_.empty()) timer_.arm(alarm_, std::max(timer_.now(), pending_.front().next));
}

// The row itself stays as it is; what differs is a row of its own. False: the journal has no room now.
bool Backfill::book(const Row& row, const Generation& facts) {
  if (!facts.cost) return false;
  const auto difference = facts.cost->minus(row.cost);
  if (!difference) return true;
  if (!journal_.reserve()) return false;
  Row adjustment = row;
  adjustment.entry = 1;
  adjustment.state = RowState::adjustment;
  adjustment.cost_source = CostSource::provider;
  adjustment.hold = Money{};
  adjustment.cost = *difference;
  adjustment.usage = Usage{};
  if (facts.has_usage) adjustment.usage = minus(facts.usage, row.usage);
  adjustment.flags = facts.is_byok ? row_flag::byok : 0;
  adjustment.price_version = std::string_view{};
  adjustment.ended = timer_.wall();
  journal_.settle(adjustment);
  return true;
}

}  // namespace gateway
