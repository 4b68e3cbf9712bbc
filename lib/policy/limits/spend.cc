#include "policy/limits/spend.h"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

std::size_t place_of(Period period) noexcept { return static_cast<std::size_t>(period); }

// Why this account refuses the amount, or would; `admitted` if it would not.
Spend::Verdict judge(const SpendAccount::View& v, Money amount, SpendMode mode) noexcept {
  using Verdict = Spend::Verdict;
  if (v.spent >= v.cap) return Verdict::cap_reached;
  const Money left = v.cap.minus(v.spent).value_or(Money{});
  const Money free = left.minus(v.held).value_or(Money{});
  const Money needed = mode == SpendMode::strict ? amount : Money::units(amount.is_zero() ? 0 : 1);
  if (needed > left) return Verdict::exceeds_budget;
  if (needed > free) return Verdict::busy;
  if (needed > v.available) return Verdict::lease_pending;
  return Verdict::admitted;
}

// The larger the less it helps to retry soon.
int finality(Spend::Verdict v) noexcept {
  switch (v) {
    case Spend::Verdict::admitted:
      return 0;
    case Spend::Verdict::lease_pending:
      return 1;
    case Spend::Verdict::busy:
      return 2;
    case Spend::Verdict::unavailable:
      return 3;
    case Spend::Verdict::exceeds_budget:
      return 4;
    case Spend::Verdict::cap_reached:
      return 5;
  }
  return 0;
}

}  // namespace

SpendHold& SpendHold::operator=(SpendHold&& o) noexcept {
  if (this == &o) return *this;
  settle(Money{});
  accounts_ = o.accounts_;
  count_ = std::exchange(o.count_, 0);
  amount_ = std::exchange(o.amount_, Money{});
  return *this;
}

void SpendHold::settle(Money cost) noexcept {
  const int count = std::exchange(count_, 0);
  for (int i = 0; i < count; ++i) {
    SpendAccount& account = *accounts_[static_cast<std::size_t>(i)];
    account.settle(amount_, cost);
    account.holds_.fetch_sub(1, std::memory_order_release);  // the last touch: it may be freed now
  }
}

Spend::Refusal Spend::admit(const SpendConfig& config, Money amount, WallTime accepted, SpendHold& hold) noexcept {
  hold = SpendHold{};
  if (config.caps.empty()) {
    hold.amount_ = std::max(amount, Money{});
    return {};
  }
  const Visit visit(*this);
  SpendHold taken;
  taken.amount_ = std::max(amount, Money{});
  for (const SpendCap& cap : config.caps) {
    SpendAccount* account = find(cap.period, period_of(cap.period, accepted, config.zone));
    // A reload may have lowered the cap a moment ago: what was leased under the old one must not be used past the new.
    if (account != nullptr && cap.cap < account->cap()) account->set_cap(cap.cap);
    const bool room_for_it = static_cast<std::size_t>(taken.count_) < taken.accounts_.size();
    if (account == nullptr || !room_for_it || !account->enter(taken.amount_, config.mode)) {
      const Money asked = taken.amount_;
      taken = SpendHold{};
      return refusal(config, asked, accepted, cap);
    }
    taken.accounts_[static_cast<std::size_t>(taken.count_++)] = account;
  }
  hold = std::move(taken);
  return {};
}

Spend::Refusal Spend::refusal(const SpendConfig& config, Money amount, WallTime accepted,
                              const SpendCap& refused) const noexcept {
  Refusal worst;
  for (const SpendCap& cap : config.caps) {
    const PeriodBounds bounds = period_of(cap.period, accepted, config.zone);
    const SpendAccount* account = find(cap.period, bounds);
    Refusal r;
    r.period = cap.period;
    r.resets_at = bounds.end;
    r.view.cap = cap.cap;
    if (account == nullptr || !account->loaded()) {
      r.verdict = Verdict::unavailable;
    } else {
      r.view = account->view();
      r.verdict = judge(r.view, amount, config.mode);
      // It refused a moment ago, or was not there yet, and would not now: a retry is right, and nothing is held.
      if (r.verdict == Verdict::admitted && &cap == &refused) r.verdict = Verdict::lease_pending;
    }
    const int more_final = finality(r.verdict) - finality(worst.verdict);
    if (more_final > 0 || (more_final == 0 && r.resets_at > worst.resets_at)) worst = r;
  }
  return worst;
}

std::vector<Spend::CapView> Spend::views(const SpendConfig& config, WallTime at) const {
  const Visit visit(*this);
  std::vector<CapView> views;
  views.reserve(config.caps.size());
  for (const SpendCap& cap : config.caps) {
    CapView v{cap.period, period_of(cap.period, at, config.zone), {}};
    if (const SpendAccount* account = find(cap.period, v.bounds)) v.view = account->view();
    v.view.cap = cap.cap;
    views.push_back(v);
  }
  return views;
}

SpendAccount& Spend::account(const AccountKey& key, Money cap) {
  const std::lock_guard<std::mutex> lock(making_);
  for (const auto& account : all_) {
    if (account->key() == key) return account->set_cap(cap), *account;
  }
  auto& account = *all_.emplace_back(std::make_unique<SpendAccount>(key, cap));
  std::atomic<SpendAccount*>& newest = newest_[place_of(key.period)];
  account.older_.store(newest.load(std::memory_order_relaxed), std::memory_order_relaxed);
  newest.store(&account, std::memory_order_release);
  return account;
}

std::vector<SpendAccount*> Spend::accounts() const {
  const std::lock_guard<std::mutex> lock(making_);
  std::vector<SpendAccount*> accounts;
  accounts.reserve(all_.size());
  for (const auto& account : all_) accounts.push_back(account.get());
  return accounts;
}

SpendAccount* Spend::find(Period period, const PeriodBounds& bounds) const noexcept {
  SpendAccount* account = newest_[place_of(period)].load();
  while (account != nullptr && (account->key().start != bounds.start || account->key().end != bounds.end)) {
    account = account->older_.load();
  }
  return account;
}

// Out of the list first, then the look at who visits: in the one order of these operations a visit that began before
// the unlinking is seen, and one that begins after it cannot find the account.
void Spend::retire(SpendAccount& account) {
  {
    const std::lock_guard<std::mutex> lock(making_);
    const auto place = std::find_if(all_.begin(), all_.end(), [&](const auto& each) { return each.get() == &account; });
    std::atomic<SpendAccount*>* link = &newest_[place_of(account.key().period)];
    while (link->load() != &account) link = &link->load()->older_;
    link->store(account.older_.load());
    retired_.push_back(std::move(*place));
    all_.erase(place);
  }
  free_retired();
}

void Spend::free_retired() {
  if (retired_.empty() || visits_.load() != 0) return;
  std::erase_if(retired_, [](const auto& each) { return each->holds_.load(std::memory_order_acquire) == 0; });
}

}  // namespace gateway
