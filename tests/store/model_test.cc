// Random programs over a store against a reference too simple to be wrong.
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "store/backend.h"

namespace gateway {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

using RowKey = std::tuple<RequestId, std::uint16_t, std::uint16_t>;

// Keeps rows; sums anew whenever it is asked.
class Reference {
 public:
  struct Account {
    AccountKey key;
    std::map<std::uint64_t, MoneySum> slices;
  };

  void append(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      const RowKey key{row.request, row.attempt, row.entry};
      const auto there = rows_.find(key);
      if (there != rows_.end() && there->second.state != RowState::open) continue;
      rows_.insert_or_assign(key, row);
      if (row.state == RowState::open || row.entry > 0 || row.cost < Money{}) continue;
      for (Account& account : accounts_) {
        const auto slice = account.slices.find(row.process);
        if (!holds(account.key, row) || slice == account.slices.end()) continue;
        slice->second = std::max(MoneySum{}, slice->second - row.cost);
      }
    }
  }

  MoneySum spent(const AccountKey& key) const {
    MoneySum sum;
    for (const auto& [id, row] : rows_) {
      if (row.state != RowState::open && holds(key, row)) sum += row.cost;
    }
    return sum;
  }
  MoneySum leased(const AccountKey& key) {
    MoneySum sum;
    for (const auto& [process, slice] : account(key).slices) sum += slice;
    return sum;
  }
  MoneySum lease(std::uint64_t process, const AccountKey& key, Money cap, Money delta) {
    MoneySum& own = account(key).slices[process];
    const MoneySum left = std::max(MoneySum{}, MoneySum(cap) - spent(key) - leased(key));
    const MoneySum change = std::max(MoneySum{} - own, std::min(MoneySum(delta), left));
    own += change;
    return change;
  }
  MoneySum own(std::uint64_t process, const AccountKey& key) { return account(key).slices[process]; }
  void release(std::uint64_t process) {
    for (Account& a : accounts_) a.slices.erase(process);
  }
  const std::map<RowKey, Row>& rows() const { return rows_; }

 private:
  static bool holds(const AccountKey& key, const Row& row) {
    return row.project.view() == key.project && key.start <= row.accepted && row.accepted < key.end;
  }
  Account& account(const AccountKey& key) {
    for (Account& a : accounts_) {
      if (a.key == key) return a;
    }
    return accounts_.emplace_back(Account{key, {}});
  }

  std::map<RowKey, Row> rows_;
  std::vector<Account> accounts_;
};

class Program {
 public:
  Program(BackendKind kind, std::uint64_t seed) : backend_(make_backend(kind)), random_(seed) { reopen(); }

  void step() {
    switch (pick(12)) {
      case 0:
      case 1:
      case 2:
        append(new_rows(RowState::open));
        break;
      case 3:
      case 4:
        append(settlements());
        break;
      case 5:
        append(new_rows(RowState::settled));
        break;
      case 6:
        append(history_);
        break;  // a journal replayed
      case 7:
        append(corrections());
        break;
      case 8:
        lease();
        break;
      case 9:
        jump();
        break;
      case 10:
        crash();
        break;
      default:
        reopen();
        break;
    }
    check_an_account();
  }

  void check_everything() {
    const auto rows = all_rows(*store_);
    REQUIRE(rows.size() == reference_.rows().size());
    std::size_t i = 0;
    std::map<std::string, UsageSum> expected;
    for (const auto& [key, row] : reference_.rows()) {
      CHECK(same_row(rows[i++], row));
      UsageSum& sum = expected[row.project.str()];
      if (row.entry == 0) ++sum.attempts;
      if (row.state == RowState::open) {
        ++sum.open;
        sum.held += row.hold;
      } else {
        sum.cost += row.cost;
        sum.upstream_cost += row.upstream_cost;
        sum.usage.output += row.usage.output;
      }
    }
    const auto sums = store_->usage({.by = {UsageKey::project}});
    REQUIRE(sums);
    REQUIRE(sums->size() == expected.size());
    for (const UsageSum& sum : *sums) {
      const UsageSum& other = expected[sum.key[0]];
      CHECK(sum.attempts == other.attempts);
      CHECK(sum.open == other.open);
      CHECK(sum.held == other.held);
      CHECK(sum.cost == other.cost);
      CHECK(sum.upstream_cost == other.upstream_cost);
      CHECK(sum.usage.output == other.usage.output);
    }
    const auto proof = store_->verify();
    REQUIRE(proof);
    CHECK(proof->findings == std::vector<std::string>{});
  }

 private:
  std::uint64_t pick(std::uint64_t n) { return random_() % n; }
  void reopen() {
    store_.reset();
    store_ = backend_->open();
  }

  void append(std::vector<Row> rows) {  // which may be the history itself
    REQUIRE(gateway::append(*store_, rows));
    reference_.append(rows);
    for (const Row& row : rows) {
      if (history_.size() < 40) history_.push_back(row);
    }
    if (history_.size() >= 40 && pick(3) == 0) history_.clear();
  }

  std::vector<Row> new_rows(RowState state) {
    std::vector<Row> rows(1 + pick(6));
    for (Row& row : rows) {
      row = state == RowState::open ? open_row(next_) : settled_row(next_);
      row.request = request_id(next_++);
      row.accepted = now_ + std::chrono::microseconds(pick(1'000'000));
      row.process = 1 + pick(3);
      row.hold = Money::units(static_cast<std::int64_t>(pick(2000)));
      if (state != RowState::open) row.cost = Money::units(static_cast<std::int64_t>(pick(2500)));
      row.upstream_cost = Money::units(row.cost.units() / 3);
      if (state == RowState::open) open_.push_back(row);
    }
    return rows;
  }

  std::vector<Row> settlements() {
    std::vector<Row> rows;
    while (!open_.empty() && rows.size() < 4) {
      const std::size_t at = pick(open_.size());
      Row row = open_[at];
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at));
      row.state = pick(4) == 0 ? RowState::failed : RowState::settled;
      row.cost = Money::units(static_cast<std::int64_t>(pick(2500)));
      row.upstream_cost = Money::units(row.cost.units() / 3);
      row.usage.output = static_cast<std::int64_t>(pick(100));
      row.served_model = "model-" + std::to_string(pick(3));
      row.ended = now_;
      rows.push_back(row);
    }
    return rows;
  }

  std::vector<Row> corrections() {
    std::vector<Row> rows;
    for (const auto& [key, row] : reference_.rows()) {
      if (row.state == RowState::open || row.entry > 0 || pick(8) > 0) continue;
      Row correction = row;
      correction.entry = static_cast<std::uint16_t>(1 + pick(2));
      correction.state = RowState::adjustment;
      correction.cost = Money::units(static_cast<std::int64_t>(pick(400)) - 200);
      rows.push_back(correction);
      if (rows.size() == 3) break;
    }
    return rows;
  }

  AccountKey some_account() {
    const char* project = pick(2) == 0 ? "red" : "blue";
    const WallTime today = std::chrono::floor<std::chrono::days>(now_);
    switch (pick(3)) {
      case 0:
        return {project, Period::day, today, today + hours(24)};
      case 1:
        return {project, Period::month, today - hours(24 * 20) + minutes(45), today + hours(24 * 10) + minutes(45)};
      default:
        return {project, Period::total, WallTime::min(), WallTime::max()};
    }
  }

  void lease() {
    const AccountKey key = some_account();
    const std::uint64_t process = 1 + pick(3);
    const Money cap = Money::units(static_cast<std::int64_t>(20'000 + pick(50'000)));
    const Money delta = Money::units(static_cast<std::int64_t>(pick(20'000)) - 8'000);
    const auto change = store_->lease(process, key, cap, delta);
    REQUIRE(change);
    CHECK(MoneySum(*change) == reference_.lease(process, key, cap, delta));
    if (*change > Money{}) CHECK(reference_.spent(key) + reference_.leased(key) <= MoneySum(cap));
  }

  void jump() {
    const WallTime::duration jumps[] = {hours(-24), hours(1), minutes(7), hours(24 * 9), minutes(-3)};
    now_ += jumps[pick(std::size(jumps))];
  }

  // A process dies: its open rows are closed, its slices are free.
  void crash() {
    const std::uint64_t process = 1 + pick(3);
    const auto left = store_->open_rows(process);
    REQUIRE(left);
    std::vector<Row> closed = *left;
    for (Row& row : closed) {
      row.state = RowState::interrupted;
      row.cost = row.hold;
      row.upstream_cost = {};
      row.cost_source = CostSource::held;
      row.ended = now_;
    }
    append(closed);
    std::erase_if(open_, [&](const Row& row) { return row.process == process; });
    REQUIRE(store_->release_leases(process));
    reference_.release(process);
    CHECK(store_->open_rows(process)->empty());
  }

  void check_an_account() {
    const AccountKey key = some_account();
    const std::uint64_t process = 1 + pick(3);
    const auto state = store_->account(process, key);
    REQUIRE(state);
    CHECK(state->spent == reference_.spent(key));
    CHECK(state->leased == reference_.leased(key));
    CHECK(state->own == reference_.own(process, key));
  }

  std::unique_ptr<Backend> backend_;
  std::mt19937_64 random_;
  Reference reference_;
  std::unique_ptr<Store> store_;
  std::vector<Row> open_;
  std::vector<Row> history_;
  std::uint64_t next_ = 1;
  WallTime now_ = kMorning;
};

TEST_CASE("random programs leave the same ledger, accounts and slices as the reference", "[store][model]") {
  const BackendKind kind = each_kind();
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    Program program(kind, seed);
    for (int i = 0; i < 120; ++i) program.step();
    program.check_everything();
  }
}

}  // namespace
}  // namespace gateway
