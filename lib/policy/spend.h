// Spend caps: holds taken before dispatch, costs settled after, never beyond the cap, on any number of threads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/config.h"
#include "gateway/money.h"
#include "gateway/store.h"
#include "policy/period.h"

namespace gateway {

// One cap in one period. Admission is against `available`, this process's slice less what it holds and has not yet had
// appended: so spent + held <= cap holds at every instant here, and across processes by their leases.
// hold() and settle() are lock-free, from any thread; the rest is the ledger thread's.
class SpendAccount {
 public:
  SpendAccount(AccountKey key, Money cap) : key_(std::move(key)), cap_(cap.units()) {}

  const AccountKey& key() const noexcept { return key_; }
  Money cap() const noexcept { return Money::units(cap_.load(std::memory_order_relaxed)); }

  // Strict: fails when less is available. Otherwise (estimate) fails only when nothing is left at all.
  bool hold(Money amount, SpendMode mode) noexcept;
  void settle(Money held, Money cost) noexcept;  // cost zero: the hold is given back

  struct View {
    Money cap, spent, held;  // spent + held <= cap in mode strict, at every instant
    Money available;         // may be held right now by this process
  };
  View view() const noexcept;

  // --- the ledger thread
  void grant(Money change) noexcept;             // a lease was changed by that much (negative: given back)
  Money give_back(Money at_most) noexcept;       // takes free money out of the slice, for returning it: how much it was
  void rebase(MoneySum spent_in_store, Money own_slice) noexcept;  // figures as the store has them now
  void set_cap(Money cap) noexcept { cap_.store(cap.units(), std::memory_order_relaxed); }
  void appended(Money cost) noexcept;            // a settled cost of ours is now in the store
  Money wanted() const noexcept;                 // the largest hold that failed for want of a lease since the last take
  void clear_wanted() noexcept;

 private:
  AccountKey key_;
  std::atomic<std::int64_t> cap_;
  std::atomic<std::int64_t> available_{0};
  std::atomic<std::int64_t> held_{0};
  std::atomic<std::int64_t> settled_{0};   // by this process, since the account was made
  std::atomic<std::int64_t> base_{0};      // by others and before: spent = base + settled
  std::atomic<std::int64_t> wanted_{0};
  std::int64_t appended_ = 0;              // the part of settled that is in the store
};

// The accounts that one exchange's attempt holds in: one a cap. Gives the hold back when destroyed unless settled.
class SpendHold {
 public:
  SpendHold() = default;
  SpendHold(SpendHold&& o) noexcept { *this = std::move(o); }
  SpendHold& operator=(SpendHold&& o) noexcept;
  ~SpendHold() { settle(Money{}); }
  void settle(Money cost) noexcept;  // once; later calls do nothing
  Money amount() const noexcept { return amount_; }

 private:
  friend class Spend;
  std::array<SpendAccount*, 4> accounts_{};  // one a period at most
  int count_ = 0;
  Money amount_;
};

// A project's spend: its accounts over caps and periods. Accounts live as long as this does.
class Spend {
 public:
  enum class Verdict : std::uint8_t {
    admitted,
    cap_reached,      // nothing is left by what is already spent
    exceeds_budget,   // this amount alone is more than cap - spent
    busy,             // would fit if others' holds were settled
    lease_pending,    // would fit, but this process's slice is too small: ask again in a moment
    unavailable,      // the period's account has not been read from the store yet
  };
  struct Refusal {
    Verdict verdict = Verdict::admitted;
    SpendAccount::View view;     // of the account that refused
    Period period = Period::total;
    WallTime resets_at{};        // the period's end
  };

  // The caps, their zone and mode are given with each call, from the snapshot at hand.
  // Holds `amount` in every capped account of the periods that hold `accepted`, or in none.
  Refusal admit(const SpendConfig& config, Money amount, WallTime accepted, SpendHold& hold) noexcept;

  struct CapView {
    Period period;
    PeriodBounds bounds;
    SpendAccount::View view;
  };
  std::vector<CapView> views(const SpendConfig& config, WallTime at) const;

  // --- the ledger thread: makes sure the account exists; the one there, or a new one that admits nothing before grant().
  SpendAccount& account(const AccountKey& key, Money cap);
  // All accounts, for renewing leases. Entries stay valid.
  std::vector<SpendAccount*> accounts() const;

 private:
  SpendAccount* find(Period period, WallTime at) const noexcept;  // lock-free
  mutable std::mutex making_;                                     // guards all_; not taken by admit
  std::vector<std::unique_ptr<SpendAccount>> all_;
  struct Recent;                                                   // a published, immutable list of accounts per period
  std::array<std::atomic<SpendAccount*>, 4> newest_{};             // per period; older ones are linked behind
};

}  // namespace gateway
