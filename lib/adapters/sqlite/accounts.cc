#include "adapters/sqlite/accounts.h"

#include <algorithm>
#include <limits>

#include "adapters/sqlite/money_columns.h"
#include "adapters/sqlite/row_columns.h"
#include "adapters/sqlite/schema.h"

namespace gateway::sqlite {
namespace {

struct Account {
  std::int64_t id = 0;  // 0: not in the table
  MoneySum spent;
};

bool on_a_step(WallTime time) {
  return time == WallTime::min() || time == WallTime::max() || micros_of(time) % kBucketMicros == 0;
}

Account find(Database& db, std::int64_t project, const AccountKey& key) {
  Query query(db,
              "SELECT id, spent_dollars, spent_pico FROM accounts"
              " WHERE project = ? AND period = ? AND starts = ? AND ends = ?",
              project, static_cast<int>(key.period), micros_of(key.start), micros_of(key.end));
  if (!query.next()) return {};
  return {query.integer(0), read_money(query, 1)};
}

// Accounts of periods gone by, which nobody has a slice of, can always be made again.
void drop_old_accounts(Database& db, std::int64_t project, const AccountKey& key) {
  Query(db,
        "DELETE FROM accounts WHERE project = ? AND period = ? AND ends <= ?"
        " AND NOT EXISTS (SELECT 1 FROM slices WHERE account = accounts.id)",
        project, static_cast<int>(key.period), micros_of(key.start))
      .run();
}

Account find_or_make(Database& db, std::int64_t project, const AccountKey& key) {
  if (const Account account = find(db, project, key); account.id != 0) return account;
  drop_old_accounts(db, project, key);
  Account account;
  account.spent = spent_in(db, project, micros_of(key.start), micros_of(key.end));
  Query query(db, "INSERT INTO accounts(project, period, starts, ends, spent_dollars, spent_pico) VALUES(?,?,?,?,?,?)",
              project, static_cast<int>(key.period), micros_of(key.start), micros_of(key.end));
  bind_money(query, account.spent);
  query.run();
  account.id = db.last_row_id();
  return account;
}

void add_to_spent(Database& db, std::int64_t account, MoneySum cost) {
  Query query(db, R"sql(
    UPDATE accounts SET
      spent_dollars = spent_dollars + ?1 + (spent_pico + ?2) / 1000000000000,
      spent_pico = (spent_pico + ?2) % 1000000000000 WHERE id = ?3)sql");
  bind_money(query, cost);
  query.bind(account);
  query.run();
}

// What no slice covered, a cost above its hold or a correction, is kept apart, so that the books can still be proved.
void add_to_uncovered(Database& db, std::int64_t account, MoneySum cost) {
  Query query(db, R"sql(
    UPDATE accounts SET
      uncovered_dollars = uncovered_dollars + ?1 + (uncovered_pico + ?2) / 1000000000000,
      uncovered_pico = (uncovered_pico + ?2) % 1000000000000 WHERE id = ?3)sql");
  bind_money(query, cost);
  query.bind(account);
  query.run();
}

// Takes a cost from the slice of the process that spent it, down to nothing. Returns the excess.
MoneySum take_from_slice(Database& db, std::int64_t account, std::int64_t process, MoneySum cost) {
  MoneySum slice;
  {
    Query query(db, "SELECT amount FROM slices WHERE account = ? AND process = ?", account, process);
    if (query.next()) slice = Money::units(query.integer(0));
  }
  const MoneySum covered = std::min(slice, cost);
  if (covered > MoneySum{}) {
    Query(db, "UPDATE slices SET amount = ? WHERE account = ? AND process = ?",
          (slice - covered).to_money_saturated().units(), account, process)
        .run();
  }
  return cost - covered;
}

struct Slices {
  MoneySum all, own;
  int others = 0;
};

Slices read_slices(Database& db, std::int64_t account, std::int64_t process) {
  Slices slices;
  Query query(db, "SELECT process, amount FROM slices WHERE account = ?", account);
  while (query.next()) {
    const MoneySum amount = Money::units(query.integer(1));
    slices.all += amount;
    if (query.integer(0) == process) {
      slices.own = amount;
    } else {
      ++slices.others;
    }
  }
  return slices;
}

AccountState state_of(Database& db, const Account& account, std::uint64_t process) {
  const Slices slices = read_slices(db, account.id, signed_of(process));
  return {account.spent, slices.all, slices.own, slices.others + 1};
}

}  // namespace

void AccountChanges::add(const Row& row, std::int64_t project) {
  const Cost one{bucket_of(row.accepted), signed_of(row.process), row.entry > 0, row.cost};
  std::vector<Cost>& costs = by_project_[project];
  if (!costs.empty() && !row.cost.is_negative()) {
    Cost& last = costs.back();
    if (last.bucket == one.bucket && last.process == one.process && last.correction == one.correction &&
        !last.cost.is_negative()) {
      last.cost += one.cost;
      return;
    }
  }
  costs.push_back(one);
}

void AccountChanges::write(Database& db) const {
  for (const auto& [project, costs] : by_project_) {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    for (const Cost& cost : costs) {
      first = std::min(first, cost.bucket * kBucketMicros);
      last = std::max(last, cost.bucket * kBucketMicros);
    }
    struct Span {
      std::int64_t id, starts, ends;
    };
    std::vector<Span> accounts;
    {
      Query query(db, "SELECT id, starts, ends FROM accounts WHERE project = ? AND starts <= ? AND ends > ?", project,
                  last, first);
      while (query.next()) accounts.push_back({query.integer(0), query.integer(1), query.integer(2)});
    }
    for (const Span& account : accounts) {
      MoneySum spent, uncovered;
      std::map<std::int64_t, MoneySum> by_process;
      for (const Cost& cost : costs) {
        const std::int64_t accepted = cost.bucket * kBucketMicros;
        if (accepted < account.starts || accepted >= account.ends) continue;
        spent += cost.cost;
        if (cost.cost.is_negative()) continue;
        (cost.correction ? uncovered : by_process[cost.process]) += cost.cost;
      }
      for (const auto& [process, sum] : by_process) uncovered += take_from_slice(db, account.id, process, sum);
      if (spent != MoneySum{}) add_to_spent(db, account.id, spent);
      if (uncovered != MoneySum{}) add_to_uncovered(db, account.id, uncovered);
    }
  }
}

std::optional<AccountState> find_account(Database& db, Names& names, std::uint64_t process, const AccountKey& key) {
  const auto project = names.find(key.project);
  if (!project) return std::nullopt;
  const Account account = find(db, *project, key);
  if (account.id == 0) return std::nullopt;
  return state_of(db, account, process);
}

AccountState sum_account(Database& db, Names& names, const AccountKey& key) {
  AccountState state;
  if (const auto project = names.find(key.project)) {
    state.spent = spent_in(db, *project, micros_of(key.start), micros_of(key.end));
  }
  return state;
}

AccountState make_account(Database& db, Names& names, std::uint64_t process, const AccountKey& key) {
  return state_of(db, find_or_make(db, names.number(key.project), key), process);
}

Money change_slice(Database& db, Names& names, std::uint64_t process, const SliceChange& asked) {
  const auto& [key, cap, delta] = asked;
  const Account account = find_or_make(db, names.number(key.project), key);
  const Slices slices = read_slices(db, account.id, signed_of(process));

  const MoneySum left = MoneySum(cap) - account.spent - slices.all;
  MoneySum change = delta;
  if (delta.is_negative()) {
    change = std::max(change, MoneySum{} - slices.own);
  } else {
    // The slice itself stays within Money.
    change = std::max(MoneySum{}, std::min({change, left, MoneySum(Money::max()) - slices.own}));
  }
  const MoneySum slice = slices.own + change;
  if (slice == MoneySum{} && delta <= Money{}) {
    Query(db, "DELETE FROM slices WHERE account = ? AND process = ?", account.id, signed_of(process)).run();
    return change.to_money_saturated();
  }
  // A slice of nothing stays: it shows the others that this process wants one.
  Query(db, "INSERT INTO slices VALUES(?,?,?) ON CONFLICT DO UPDATE SET amount = excluded.amount", account.id,
        signed_of(process), slice.to_money_saturated().units())
      .run();
  if (change > MoneySum{}) {
    Query(db, "UPDATE accounts SET cap = ?, uncovered_dollars = 0, uncovered_pico = 0 WHERE id = ?", cap.units(),
          account.id)
        .run();
  }
  return change.to_money_saturated();
}

void release_slices(Database& db, std::uint64_t process) {
  Query(db, "DELETE FROM slices WHERE process = ?", signed_of(process)).run();
}

Result<void> check_account_key(const AccountKey& key) {
  if (on_a_step(key.start) && on_a_step(key.end)) return {};
  return Error{ErrorCode::invalid, "an account's period must begin and end on a quarter of an hour"};
}

MoneySum spent_in(Database& db, std::int64_t project, std::int64_t starts, std::int64_t ends) {
  const std::int64_t first = bucket_of(starts);
  const std::int64_t last = ends == std::numeric_limits<std::int64_t>::max() ? ends : bucket_of(ends);
  MoneySum spent;
  const auto add = [&](auto& sql, std::int64_t from, std::int64_t to) {
    Query query(db, sql, from, to, project);
    while (query.next()) spent += read_money(query, 0);
  };
  constexpr auto& kQuarters =
      "SELECT cost_dollars, cost_pico FROM rollup WHERE bucket >= ? AND bucket < ? AND project = ?";
  constexpr auto& kDays =
      "SELECT cost_dollars, cost_pico FROM rollup_days WHERE bucket >= ? AND bucket < ? AND project = ?";
  const DayRange days = whole_days(first, last);
  add(kQuarters, first, days.first);
  add(kDays, days.first, days.end);
  add(kQuarters, days.end, last);
  return spent;
}

}  // namespace gateway::sqlite
