// Spend caps: holds taken before dispatch, costs settled after, never beyond the cap, on any number of threads.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/config.h"
#include "gateway/leases.h"
#include "gateway/money.h"
#include "policy/limits/period.h"

namespace gateway {

// One cap in one period. Admission is against `available`, this process's slice less what it holds and has not yet had
// appended: so spent + held <= cap holds at every instant here, and across processes by their leases.
// hold(), settle() and view() are lock-free, from any thread; the rest is the ledger thread's. No amount is negative.
class SpendAccount {
 public:
  SpendAccount(AccountKey key, Money cap) : key_(std::move(key)) { set_cap(cap); }

  const AccountKey& key() const noexcept { return key_; }
  Money cap() const noexcept { return Money::units(cap_.load(std::memory_order_relaxed)); }

  // Strict: fails when less is available. Otherwise (estimate) fails only when nothing is left at all. An amount of
  // zero needs nothing to be available, only the cap not to be spent. Always fails before the first rebase() or
  // grant().
  bool hold(Money amount, SpendMode mode) noexcept;
  // Cost zero: the hold is released. Before the row with that cost goes on its way to the store.
  void settle(Money held, Money cost) noexcept;

  struct View {
    Money cap, spent, held;  // spent + held <= cap in mode strict, at every instant
    Money available;         // may be held right now by this process
  };
  View view() const noexcept;
  bool loaded() const noexcept { return loaded_.load(std::memory_order_acquire); }

  // --- the ledger thread
  // The slice was changed by that much in the store. Negative: returned, if give_back() has not taken it out
  // already.
  void grant(Money change) noexcept;
  // Takes free money out of the slice, so that it can be returned to the store: how much it was. If the store does
  // not take it, rebase() restores it.
  Money give_back(Money at_most) noexcept;
  // The figures as the store has them now: after every append whose costs were reported by appended(), and before any
  // other.
  void rebase(MoneySum spent_in_store, Money own_slice) noexcept;
  void set_cap(Money cap) noexcept { cap_.store(std::max(cap, Money{}).units(), std::memory_order_relaxed); }
  // A cost of ours in this period is now in the store, which took it off the slice. If it was not settled in this
  // account (its hold was taken before there was one), rebase() finds it like another process's.
  void appended(Money cost) noexcept;
  // The largest hold that failed for want of a lease since clear_wanted(): the cap had room for it, the slice had not.
  Money wanted() const noexcept { return Money::units(wanted_.load(std::memory_order_relaxed)); }
  void clear_wanted() noexcept { wanted_.store(0, std::memory_order_relaxed); }
  // No hold has a part in it, and all that was settled here is in the store. Once give_back() has taken all that is
  // free, no amount but zero can be held any more, and what the process has leased is nothing.
  bool is_quiet() const noexcept;

 private:
  friend class Spend;
  friend class SpendHold;
  bool enter(Money amount, SpendMode mode) noexcept;  // hold(), counted in holds_
  bool take_from_slice(std::int64_t amount, SpendMode mode) noexcept;
  bool take_from_cap(std::int64_t amount, SpendMode mode) noexcept;
  void note_wanted(std::int64_t amount) noexcept;

  AccountKey key_;
  std::atomic<std::int64_t> cap_{0};
  std::atomic<std::int64_t> available_{0};
  std::atomic<std::int64_t> used_{0};     // spent and held together: one number, so that one load returns their sum
  std::atomic<std::int64_t> spent_{0};    // by all processes, as far as this one knows
  std::atomic<std::int64_t> settled_{0};  // here
  std::atomic<std::int64_t> wanted_{0};
  std::atomic<bool> loaded_{false};
  std::atomic<std::int32_t> holds_{0};         // SpendHolds that have a part here, or are about to
  std::atomic<SpendAccount*> older_{nullptr};  // the account of the same period made before this one

  // The ledger thread's own.
  MoneySum slice_;     // this process's, as the store has it
  MoneySum appended_;  // the part of what was settled here that is in the store
  MoneySum base_;      // what the store has of others and of before: spent_ = base_ + all that was settled here
};

// The accounts that one exchange's attempt holds in: one a cap. Releases the hold when destroyed unless settled.
class SpendHold {
 public:
  SpendHold() = default;
  SpendHold(SpendHold&& o) noexcept { *this = std::move(o); }
  SpendHold& operator=(SpendHold&& o) noexcept;
  ~SpendHold() { settle(Money{}); }
  void settle(Money cost) noexcept;                  // once; later calls do nothing
  Money amount() const noexcept { return amount_; }  // also after settle()

 private:
  friend class Spend;
  std::array<SpendAccount*, 4> accounts_{};  // one a period at most
  int count_ = 0;
  Money amount_;
};

// A project's spend: its accounts over caps and periods.
class Spend {
 public:
  enum class Verdict : std::uint8_t {
    admitted,
    cap_reached,     // nothing is left by what is already spent
    exceeds_budget,  // this amount alone is more than cap - spent
    busy,            // would fit if others' holds were settled
    lease_pending,   // would fit, but this process's slice is too small: retry in a moment
    unavailable,     // the period's account has not been read from the store yet
  };
  struct Refusal {
    Verdict verdict = Verdict::admitted;
    SpendAccount::View view;  // of the account that refused
    Period period = Period::total;
    WallTime resets_at{};  // the period's end
  };

  // The caps, their zone and mode are passed with each call, from the snapshot at hand.
  // Holds `amount` in every capped account of the periods that hold `accepted`, or in none.
  // Of several accounts that refuse, the most final verdict is reported, and of equal ones that of the period that ends
  // last. What `hold` held before is released first.
  Refusal admit(const SpendConfig& config, Money amount, WallTime accepted, SpendHold& hold) noexcept;

  struct CapView {
    Period period;
    PeriodBounds bounds;
    SpendAccount::View view;
  };
  // Nothing spent, held or available if the account does not exist yet.
  std::vector<CapView> views(const SpendConfig& config, WallTime at) const;

  // --- the ledger thread: makes sure the account exists; the one there, or a new one that admits nothing before
  // rebase() or grant(). The cap is set on either.
  SpendAccount& account(const AccountKey& key, Money cap);
  // All accounts, for renewing leases. Each stays valid until it is retired.
  std::vector<SpendAccount*> accounts() const;
  // Forgets an account whose figures are no longer of use. It is freed once no hold has a part in it and no thread
  // looks at it: at the earliest by this call, later by free_retired().
  void retire(SpendAccount& account);
  void free_retired();
  std::size_t retired() const noexcept { return retired_.size(); }

 private:
  // While one is there no account is freed.
  class Visit {
   public:
    explicit Visit(const Spend& spend) noexcept : visits_(spend.visits_) { visits_.fetch_add(1); }
    ~Visit() { visits_.fetch_sub(1, std::memory_order_release); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

   private:
    std::atomic<std::int32_t>& visits_;
  };

  // Lock-free, during a Visit.
  SpendAccount* find(Period period, const PeriodBounds& bounds) const noexcept;
  Refusal refusal(const SpendConfig& config, Money amount, WallTime accepted, const SpendCap& refused) const noexcept;

  mutable std::mutex making_;  // guards all_; not taken by admit
  std::vector<std::unique_ptr<SpendAccount>> all_;
  std::vector<std::unique_ptr<SpendAccount>> retired_;  // not in the lists any more; the ledger thread's own
  std::array<std::atomic<SpendAccount*>, 4> newest_{};  // per period; older ones are linked after it
  mutable std::atomic<std::int32_t> visits_{0};
};

}  // namespace gateway
